"""The style sheet and the script of the inspector's own pages. The script only presses what is on the page already."""

STYLE = """
:root { color-scheme: light dark; --line: #8886; --kept: #2a63; --gone: #8883; --mark: #fc06; }
* { box-sizing: border-box; } body { font: 14px/1.4 system-ui, sans-serif; margin: .7rem 1rem 2rem; }
h1 { font-size: 1.1rem; overflow-wrap: anywhere; margin: .4rem 0; } h2 { font-size: 1rem; border-bottom: 1px solid var(--line); }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { padding: .15rem .8rem .15rem 0; text-align: left; vertical-align: top; } thead th { border-bottom: 1px solid var(--line); }
td:not(.number) { overflow-wrap: break-word; } td a { display: inline-block; min-width: 14rem; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; } tbody tr:hover td { background: #8881; }
form { display: inline; } input, select, button { font: inherit; margin: .1rem .2rem .1rem 0; max-width: 100%; }
form.asking { display: flex; flex-wrap: wrap; gap: .3rem .9rem; align-items: end; } .asking label { display: inline-flex; flex-direction: column; font-size: .85em; }
.bar { margin: .3rem 0; } .note { opacity: .75; } .warning { border-left: .3rem solid #c60; padding-left: .6rem; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; } .sides > * { min-width: 0; }
iframe { width: 100%; height: 62vh; border: 1px solid var(--line); background: white; }
.text { height: 62vh; overflow: auto; border: 1px solid var(--line); padding: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.block { margin: 0 0 .35rem; padding: .1rem .3rem; } .kept { background: var(--kept); } .gone { background: var(--gone); opacity: .8; }
mark { background: var(--mark); color: inherit; } s { opacity: .6; } .beyond { font-weight: bold; } .key { padding: 0 .4rem; }
a:focus-visible, button:focus-visible, input:focus-visible, .text:focus-visible { outline: 2px solid #27f; outline-offset: 1px; }
@media (max-width: 60rem) { .sides { grid-template-columns: 1fr; } }
"""

SCRIPT = """
document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) return;
  var pressed = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
  if (pressed) { event.preventDefault(); pressed.click(); }
});
"""
