"use strict";
/* Draws the parts of a message. Everything goes in as text, never as markup. */
const Drawing = (() => {
  const element = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
      else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
    }
    made.append(...children.filter((child) => child !== null && child !== undefined));
    return made;
  };
  const svg = (name, attributes = {}, ...children) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  const write = (x, y, text, anchor = "start", size = 14) => svg("text", { x, y, "text-anchor": anchor, "font-size": size }, text);
  const number = (value) => value.toLocaleString("zh-CN", { maximumFractionDigits: 2 });
  const clip = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

  const LINK = /https?:\/\/[A-Za-z0-9\-._~:/?#@!$&'*+,;=%]+/g;
  function linked(text) {
    const pieces = [];
    let end = 0;
    for (const match of text.matchAll(LINK)) {
      pieces.push(text.slice(end, match.index), element("a", { href: match[0], target: "_blank", rel: "noopener noreferrer" }, match[0]));
      end = match.index + match[0].length;
    }
    pieces.push(text.slice(end));
    return pieces.filter((piece) => piece !== "");
  }

  function text(part) {
    const paragraphs = part.text.split(/\n{2,}/).map((paragraph) => element("p", {}, ...linked(paragraph)));
    return element("div", { class: "text" }, ...paragraphs);
  }

  function card(part) {
    const lines = element("dl", {});
    for (const [label, value] of part.lines) lines.append(element("dt", {}, label), element("dd", {}, ...linked(value)));
    return element("div", { class: "card", role: "group", "aria-label": part.title, "data-testid": "card" },
      element("h2", {}, part.title), part.lines.length ? lines : null,
      part.note ? element("p", { class: "note" }, ...linked(part.note)) : null);
  }

  /* A narrow column breaks between the year and the day, and never inside 6月3日, 第10年 or 4,000元. */
  const WHOLE = /第?\d+年|\d+月\d+日|[\d,]+元/g;
  function unbroken(text) {
    const pieces = [];
    let end = 0;
    for (const match of text.matchAll(WHOLE)) {
      pieces.push(text.slice(end, match.index), element("span", { class: "whole" }, match[0]));
      end = match.index + match[0].length;
      if (/^\d+年$/.test(match[0]) && /\d/.test(text.charAt(end))) pieces.push(element("wbr"));
    }
    return [...pieces, text.slice(end)];
  }

  function table(part) {
    const head = element("tr", {}, ...part.columns.map((column) => element("th", { scope: "col" }, column)));
    const rows = part.rows.map((row) => element("tr", {}, ...row.map((cell, at) => element("td", { "data-label": part.columns[at] }, ...unbroken(cell)))));
    return element("div", { class: "table", "data-testid": "table" },
      part.title ? element("h2", {}, part.title) : null,
      element("div", { class: "scroll", role: "group", tabindex: "0", "aria-label": part.title || "表格" },
        element("table", part.columns.length > 4 ? { class: "stacks" } : {}, element("thead", {}, head), element("tbody", {}, ...rows))));
  }

  function bars(part, top) {
    const height = part.values.length * 34 + 6;
    const drawn = svg("svg", { viewBox: `0 0 400 ${height}` });
    part.values.forEach((value, at) => {
      const y = at * 34 + 6, width = Math.max(2, (Math.max(value, 0) / top) * 180);
      drawn.append(write(104, y + 17, clip(part.labels[at] || "", 8), "end"),
        svg("rect", { x: 112, y: y + 3, width: 180, height: 19, rx: 5, class: "track" }),
        svg("rect", { x: 112, y: y + 3, width, height: 19, rx: 5, class: "bar" }),
        write(300, y + 17, number(value) + part.unit));
    });
    return drawn;
  }

  function line(part, top) {
    const drawn = svg("svg", { viewBox: "0 0 440 250" });
    const step = part.values.length > 1 ? 370 / (part.values.length - 1) : 0;
    const points = part.values.map((value, at) => [42 + at * step, 205 - (Math.max(value, 0) / top) * 175]);
    for (const share of [0, .5, 1]) {
      const y = 205 - share * 175;
      drawn.append(svg("line", { x1: 42, x2: 430, y1: y, y2: y, class: "grid" }), write(38, y + 4, number(top * share), "end", 12));
    }
    drawn.append(svg("polyline", { points: points.map((point) => point.join(",")).join(" "), class: "path" }));
    const every = Math.ceil(part.labels.length / 6);
    points.forEach(([x, y], at) => {
      drawn.append(svg("circle", { cx: x, cy: y, r: 4, class: "dot" }));
      if (at % every === 0) drawn.append(write(x, 226, clip(part.labels[at] || "", 6), "middle", 13));
    });
    if (part.unit) drawn.append(write(42, 18, `单位：${part.unit}`));
    return drawn;
  }

  function radar(part, top) {
    const drawn = svg("svg", { viewBox: "26 8 388 290" });
    const count = part.values.length;
    const point = (at, share, radius = 108) => {
      const angle = (Math.PI * 2 * at) / count - Math.PI / 2;
      return [220 + Math.cos(angle) * radius * share, 160 + Math.sin(angle) * radius * share];
    };
    const ring = (share) => part.values.map((_, at) => point(at, typeof share === "number" ? share : share[at]).map((n) => n.toFixed(1)).join(",")).join(" ");
    for (const share of [.25, .5, .75, 1]) drawn.append(svg("polygon", { points: ring(share), class: "grid" }));
    part.values.forEach((_, at) => {
      const [x, y] = point(at, 1);
      drawn.append(svg("line", { x1: 220, y1: 160, x2: x, y2: y, class: "grid" }));
    });
    drawn.append(svg("polygon", { points: ring(part.values.map((value) => Math.max(0, Math.min(1, value / top)))), class: "area" }));
    part.values.forEach((value, at) => {
      const [x, y] = point(at, 1, 122);
      const anchor = Math.abs(x - 220) < 12 ? "middle" : x > 220 ? "start" : "end";
      drawn.append(write(x, y + 4, `${clip(part.labels[at] || "", 7)} ${number(value)}${part.unit}`, anchor));
    });
    return drawn;
  }

  function chart(part) {
    const greatest = Math.max(...part.values, 0);
    const top = greatest <= 0 ? 1 : part.shape === "radar" && greatest <= 100 && greatest > 10 ? 100 : greatest;
    const drawn = { bar: bars, line, radar }[part.shape](part, top);
    drawn.setAttribute("role", "img");
    drawn.setAttribute("aria-label", part.alt);
    return element("figure", { class: "chart", "data-testid": "chart" }, element("figcaption", {}, part.title), drawn);
  }

  function documentPart(part) {
    return element("a", { class: "file", href: `/chat/files/${part.attachment_id}`, download: part.filename, "data-testid": "document" },
      element("span", { "aria-hidden": "true" }, "📄"), `下载 ${part.filename}`);
  }

  function citations(part) {
    const day = part.as_of ? ` · 截至${part.as_of}` : "";
    return element("details", { "data-testid": "citations" },
      element("summary", {}, `依据${part.citations.length}条${day}`),
      element("ol", {}, ...part.lines.map((line) => element("li", {}, ...linked(line)))));
  }

  const DRAW = { text, card, table, chart, document: documentPart, citations };
  const part = (given) => (DRAW[given.kind] ? DRAW[given.kind](given) : null);
  return { element, part };
})();
