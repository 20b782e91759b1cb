"use strict";

// What the sliders count. review/report/sliders.py writes the data and says what they are.

const MISSING = 0xffff;

// The columns of numbers, the last but one of what stays rejected, the last of languages.
function columnsOf(data, bytes) {
  const numbers = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
  const columns = [];
  for (let start = 0; start < numbers.length; start += data.records) {
    columns.push(numbers.subarray(start, start + data.records));
  }
  return columns;
}

function holds(value, side, limit) {
  if (value === MISSING) return false;
  if (side === ">") return value > limit;
  if (side === "<") return value < limit;
  return side === ">=" ? value >= limit : value <= limit;
}

// For each record the number of the first rule that fires with the sliders at `positions`, or -1.
function fired(data, columns, positions) {
  const found = new Int16Array(data.records).fill(-1);
  for (let record = 0; record < data.records; record++) {
    for (let number = 0; number < data.rules.length; number++) {
      const all = data.rules[number].conditions.every(([column, side, slider, limit]) =>
        holds(columns[column][record], side, slider === null ? limit : positions[slider]));
      if (all) {
        found[record] = number;
        break;
      }
    }
  }
  return found;
}

// What two such outcomes differ by.
function tally(data, columns, before, after) {
  const languages = columns[columns.length - 1];
  const total = { kept: 0, then: 0, come: 0, go: 0, languages: {}, outcomes: {} };
  const outcome = (number) => (number < 0 ? "kept" : data.rules[number].outcome);
  for (let record = 0; record < data.records; record++) {
    const was = before[record] < 0;
    const is = after[record] < 0;
    total.kept += was;
    total.then += is;
    total.come += is && !was;
    total.go += was && !is;
    const language = (total.languages[data.languages[languages[record]]] ||= [0, 0]);
    language[0] += was;
    language[1] += is;
    (total.outcomes[outcome(before[record])] ||= [0, 0])[0] += 1;
    (total.outcomes[outcome(after[record])] ||= [0, 0])[1] += 1;
  }
  return total;
}

// The value of a slider at a position, to four digits, and the position of a value.
function valueAt(slider, position) {
  if (position === slider.at || slider.high === slider.low) return slider.limit;
  const share = (position - 1) / (MISSING - 3);
  return Number((slider.low + share * (slider.high - slider.low)).toPrecision(4));
}

function positionOf(slider, value) {
  if (value === slider.limit || slider.high === slider.low) return slider.at;
  const place = 1 + Math.round(((value - slider.low) / (slider.high - slider.low)) * (MISSING - 3));
  return Math.min(MISSING - 1, Math.max(0, place));
}

// How far the share of a sample may lie from that of the whole, 19 times of 20.
function margin(count, records, whole) {
  if (records >= whole || !records) return 0;
  const share = count / records;
  return 1.96 * Math.sqrt((share * (1 - share) * (1 - records / whole)) / records) * whole;
}

// What to say to gristmill; a value that somebody has typed is said as typed.
function settings(data, positions, typed = []) {
  return data.sliders
    .map((slider, number) => [slider, positions[number], typed[number]])
    .filter(([slider, position]) => position !== slider.at)
    .map(([slider, position, value]) => `--set '${slider.key}=${value ?? valueAt(slider, position)}'`);
}

if (typeof module !== "undefined") {
  module.exports = { columnsOf, fired, tally, valueAt, positionOf, margin, settings };
}

async function unpacked(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function element(tag, text, parent) {
  const made = document.createElement(tag);
  made.textContent = text;
  parent.append(made);
  return made;
}

// A button that puts a text on the clipboard and says so; where a browser forbids that, the text is marked to be copied by hand.
function copying(name, text, parent, shown) {
  const button = element("button", name, parent);
  button.type = "button";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      getSelection().selectAllChildren(shown);
      button.textContent = "marked: copy it by hand";
    }
  });
}

function show(result, data, counted, changed, reset) {
  result.replaceChildren();
  const scale = data.judged / data.records;
  const about = (count) => Math.round(count * scale).toLocaleString("en");
  const give = margin(counted.then, data.records, data.judged);
  const range = give ? ` (± ${Math.ceil(give).toLocaleString("en")}, from a sample of ${data.records.toLocaleString("en")})` : "";
  element("p", `${about(counted.kept)} pages kept, then ${about(counted.then)}${range}: ` +
    `${about(counted.come)} come, ${about(counted.go)} go.`, result);
  if (!changed.length) return;
  const rows = [];
  for (const [title, group] of [["", counted.outcomes], ["language ", counted.languages]]) {
    const moved = Object.entries(group).filter(([, [was, is]]) => was !== is).sort();
    rows.push(...moved.map(([name, [was, is]]) => [title + name, about(was), "→", about(is)]));
  }
  if (rows.length) {
    const body = element("tbody", "", element("table", "", result));
    for (const cells of rows) {
      const row = element("tr", "", body);
      for (const cell of cells) element("td", cell, row);
    }
  }
  const command = `gristmill refilter ${data.run} --output NEW ${changed.join(" ")}`;
  const line = element("p", "", result);
  const code = element("code", command, line);
  copying("copy the command", command, line, code);
  copying("copy the settings", changed.join(" "), line, code);
  const back = element("button", "back to the run's limits", line);
  back.type = "button";
  back.addEventListener("click", reset);
}

async function begin() {
  const data = JSON.parse(document.getElementById("sliders-data").textContent);
  const columns = columnsOf(data, await unpacked(data.columns));
  const result = document.getElementById("sliders-result");
  const positions = data.sliders.map((slider) => slider.at);
  const before = fired(data, columns, positions);
  const inputs = [];
  const typed = [];
  const update = () => show(
    result, data, tally(data, columns, before, fired(data, columns, positions)),
    settings(data, positions, typed), reset);
  const reset = () => {
    data.sliders.forEach((slider, number) => move(number, slider.at));
    update();
  };
  const move = (number, position) => {
    positions[number] = position;
    delete typed[number];
    inputs[number].range.value = position;
    inputs[number].exact.value = valueAt(data.sliders[number], position);
  };
  for (const place of document.querySelectorAll("[data-slider]")) {
    const number = Number(place.dataset.slider);
    const slider = data.sliders[number];
    const range = Object.assign(element("input", "", place), { type: "range", min: 0, max: MISSING - 1 });
    const exact = Object.assign(element("input", "", place), { type: "number", step: "any" });
    for (const input of [range, exact]) input.setAttribute("aria-label", slider.key);
    range.step = 1;
    inputs[number] = { range, exact };
    move(number, slider.at);
    range.addEventListener("input", () => {
      move(number, Number(range.value));
      update();
    });
    // The arrow keys go a hundredth of the way: in single steps nobody gets anywhere.
    range.addEventListener("keydown", (event) => {
      const way = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key];
      if (!way) return;
      event.preventDefault();
      move(number, Math.min(MISSING - 1, Math.max(0, positions[number] + way * Math.round(MISSING / 100))));
      update();
    });
    exact.addEventListener("change", () => {
      if (exact.value === "" || Number.isNaN(Number(exact.value))) {
        move(number, positions[number]);
        return;
      }
      positions[number] = positionOf(slider, Number(exact.value));
      typed[number] = Number(exact.value);
      range.value = positions[number];
      update();
    });
  }
  update();
  document.documentElement.dataset.ready = "yes";
}

if (typeof document !== "undefined") begin();
