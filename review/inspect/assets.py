"""The style sheet and the script of the inspector's own pages. The script only presses what is on the page already."""

STYLE = """
:root { color-scheme: light dark; --line: #8884; --kept: #2a63; --gone: #8883; --mark: #fc06; }
body { font: 14px/1.4 system-ui, sans-serif; margin: .7rem 1rem; }
h1 { font-size: 1.1rem; overflow-wrap: anywhere; margin: .4rem 0; } h2 { font-size: 1rem; border-bottom: 1px solid var(--line); }
table { border-collapse: collapse; } th, td { padding: .1rem .6rem .1rem 0; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
td.number, th.number { text-align: right; } tr:hover td { background: #8881; }
form { display: inline; } input, select, button { font: inherit; margin: .1rem .2rem .1rem 0; }
.bar { margin: .3rem 0; } .note { opacity: .7; } .warning { border-left: .3rem solid #c60; padding-left: .6rem; }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem; }
iframe { width: 100%; height: 62vh; border: 1px solid var(--line); background: white; }
.text { height: 62vh; overflow: auto; border: 1px solid var(--line); padding: .3rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.block { margin: 0 0 .35rem; padding: .1rem .3rem; } .kept { background: var(--kept); } .gone { background: var(--gone); opacity: .75; }
mark { background: var(--mark); color: inherit; } s { opacity: .6; } .beyond { font-weight: bold; }
@media (max-width: 60rem) { .sides { grid-template-columns: 1fr; } }
"""

SCRIPT = """
document.addEventListener("keydown", function (event) {
  if (event.ctrlKey || event.metaKey || event.altKey || /INPUT|TEXTAREA|SELECT/.test(event.target.tagName)) return;
  var pressed = document.querySelector('[data-key="' + CSS.escape(event.key) + '"]');
  if (pressed) { event.preventDefault(); pressed.click(); }
});
"""
