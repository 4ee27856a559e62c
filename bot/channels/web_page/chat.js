"use strict";
/* The conversation: what is sent is kept until the server has it; what is received is drawn once, in order. */
(() => {
  const { element, part } = Drawing;
  const at = (id) => document.getElementById(id);
  const log = at("log"), scroller = at("scroller"), field = at("text"), status = at("status");
  const UNSENT = "zhituo.unsent", DRAFT = "zhituo.draft";
  const drawn = new Map();      // own message id, or "o" and the outbox id → element
  const answered = new Set();   // own message ids to which something has come back
  let unsent = load(UNSENT, []); // [{id, kind, text, pressed}] in the order of writing; files stay in memory
  let known = false, cursor = "0", source = null, sending = false, delay = 1000, lastDay = "", workingTimer = 0, again = 0, confirmed = false;

  function load(key, fallback) {
    try { return JSON.parse(localStorage.getItem(key)) ?? fallback; } catch { return fallback; }
  }
  function save(key, value) {
    try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* private browsing: kept in memory only */ }
  }
  // All tabs share one list: each puts in and takes out its own messages, and leaves the others' there.
  function keep(message) {
    forget(message);
    save(UNSENT, [...load(UNSENT, []), message]);
  }
  function forget(message) {
    save(UNSENT, load(UNSENT, []).filter((kept) => kept.id !== message.id));
  }
  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const zone = { timeZone: "Asia/Shanghai" };
  const clock = new Intl.DateTimeFormat("zh-CN", { ...zone, hour: "2-digit", minute: "2-digit", hour12: false });
  const calendar = new Intl.DateTimeFormat("zh-CN", { ...zone, year: "numeric", month: "long", day: "numeric" });

  /* ---- drawing ---- */
  const nearEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 140;
  function add(node, when, follow) {
    at("welcome").hidden = true;
    const day = calendar.format(when);
    if (day !== lastDay) {
      lastDay = day;
      log.append(element("div", { class: "day" }, day));
    }
    log.append(node);
    if (follow) scroller.scrollTop = scroller.scrollHeight;
  }

  function drawMine(message) {
    const known = drawn.get(message.id);
    if (known) return known;
    const bubble = element("div", { class: "bubble" });
    const name = `📄 ${message.text || "文件"}`;
    if (message.preview || (message.kind === "photo" && message.file)) {
      // Not every browser shows every kind of picture: an iPhone's is sent all the same, and is then a file by its name.
      const asFile = (event) => event.currentTarget.replaceWith(name);
      bubble.append(element("img", { src: message.preview || `/chat/files/${message.file}`, alt: "我发的照片", onerror: asFile }));
    } else if (message.kind === "document" || message.kind === "photo") bubble.append(name);
    else bubble.append(message.text || "…");
    const node = element("div", { class: "message me", "data-testid": "message-me", "data-id": message.id },
      element("span", { class: "hidden" }, "我："), bubble, element("div", { class: "meta" }));
    drawn.set(message.id, node);
    markOlder();
    add(node, new Date(message.at || Date.now()), true);
    return node;
  }

  function drawReceived(message) {
    const key = `o${message.id}`;
    if (drawn.has(key)) return;
    if (message.asked) {
      answered.add(message.asked.id);
      settle(drawMine(message.asked), message.asked.at);
    }
    const follow = nearEnd();
    const citations = message.parts.filter((given) => given.kind === "citations");
    const others = message.parts.filter((given) => given.kind !== "citations");
    const answer = element("div", { class: "answer" }, ...[...others, ...citations].map(part).filter(Boolean));
    const when = new Date(message.at);
    const human = message.from === "person";
    const node = element("article", {
      class: `message bot ${human ? "person" : ""}`, "data-testid": human ? "message-person" : "message-bot", "data-id": message.id,
      "aria-label": human ? "经办人的消息" : "知托的回答",
    }, human ? element("div", { class: "voice" }, "经办人") : null, answer,
      element("div", { class: "tools" }, element("time", { datetime: message.at }, clock.format(when)),
        ...(citations.length ? [
          element("button", { type: "button", "data-testid": "copy", onclick: (event) => copy(answer, event.currentTarget) }, "复制"),
          element("button", { type: "button", "data-testid": "print", onclick: () => print(node) }, "打印")] : [])));
    if (message.choices.length) {
      node.append(element("div", { class: "chips", role: "group", "aria-label": "可以选" }, ...message.choices.map((text, index) =>
        element("button", { type: "button", class: "chip", "data-testid": "choice", onclick: (event) => press(event.currentTarget, `${message.id}:${index}`, text) }, text))));
    }
    markOlder();
    drawn.set(key, node);
    add(node, when, false);
    if (follow) reveal(node);
    else at("latest").hidden = false;
  }
  function reveal(node) {
    // A long answer is read from its beginning. Only the talk moves: scrollIntoView would move the page's head away too.
    const tall = node.offsetHeight > scroller.clientHeight * .8;
    scroller.scrollTop = tall ? node.offsetTop - 8 : scroller.scrollHeight;
  }
  function markOlder() {
    for (const group of log.querySelectorAll(".message:not(.older) > .chips")) group.parentElement.classList.add("older");
  }
  function settle(node, when) {
    node.classList.remove("waiting", "refused");
    node.lastChild.replaceChildren(clock.format(when ? new Date(when) : new Date()));
  }
  async function copy(answer, button) {
    const folded = [...answer.querySelectorAll("details:not([open])")];
    for (const detail of folded) detail.open = true; // what it rests on is copied too
    const text = answer.innerText.trim();
    const done = await toClipboard(answer, text);
    for (const detail of folded) detail.open = false;
    button.textContent = done ? "已复制" : "没能复制，请长按选择";
    setTimeout(() => { button.textContent = "复制"; }, 3000);
  }
  async function toClipboard(answer, text) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch { // without https, or not allowed: the old way, by what is selected
      getSelection().selectAllChildren(answer);
      const done = document.execCommand("copy");
      getSelection().removeAllRanges();
      return done;
    }
  }
  window.addEventListener("beforeprint", () => {
    for (const detail of log.querySelectorAll("details")) detail.open = true;
  });
  function print(node) {
    node.classList.add("printing");
    document.body.classList.add("print-one");
    window.print();
    document.body.classList.remove("print-one");
    node.classList.remove("printing");
  }
  function working(is) {
    clearTimeout(workingTimer);
    const follow = nearEnd();
    at("working").hidden = !is;
    if (!is) return;
    progress("正在查…");
    if (follow) scroller.scrollTop = scroller.scrollHeight;
    workingTimer = setTimeout(() => {
      progress("还在算，马上就好…");
      workingTimer = setTimeout(() => progress("这次比平时久。您可以先忙别的，回答好了会出现在这里。"), 12000);
    }, 4000);
  }
  function expect() {
    // An answer may be ready before anybody sees it being worked on, and to a person's chat there is none.
    confirmed = false;
    working(true);
    setTimeout(() => { if (!confirmed) working(false); }, 2500);
  }
  function progress(words) {
    at("working").lastElementChild.textContent = words;
  }
  function say(sentence) {
    status.textContent = sentence;
    status.hidden = !sentence;
  }

  /* ---- sending ---- */
  function queue(message) {
    unsent.push(message);
    if (!message.data) keep(message);
    const node = drawMine(message);
    node.classList.add("waiting");
    node.lastChild.textContent = "正在发送…";
    void sendAll();
  }
  function press(button, pressed, text) {
    button.setAttribute("aria-pressed", "true");
    queue({ id: newId(), kind: "press", pressed, text });
  }
  function upload(message) {
    // The one request that may take long on a phone: only this old way tells how far it is.
    return new Promise((resolve, reject) => {
      const sent = new XMLHttpRequest();
      sent.open("POST", "/chat/files");
      sent.setRequestHeader("Content-Type", message.data.type || "application/octet-stream");
      sent.setRequestHeader("X-Message-Id", message.id);
      sent.setRequestHeader("X-Filename", encodeURIComponent(message.text));
      sent.upload.onprogress = (event) => {
        if (event.lengthComputable) drawMine(message).lastChild.textContent = `正在上传 ${Math.floor((event.loaded / event.total) * 100)}%…`;
      };
      sent.onload = () => resolve(new Response(sent.response || null, { status: sent.status, headers: { "Retry-After": sent.getResponseHeader("Retry-After") || "" } }));
      sent.onerror = sent.onabort = () => reject(new TypeError("not sent"));
      sent.send(message.data);
    });
  }
  async function request(message) {
    if (message.data) return upload(message);
    const [path, body] = message.kind === "start" ? ["/chat/start", { id: message.id, payload: message.payload }]
      : message.kind === "press" ? ["/chat/press", { id: message.id, pressed: message.pressed }] : ["/chat/messages", { id: message.id, text: message.text }];
    return fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
  }
  async function tooFast(answer) {
    const { sentence } = await answer.json().catch(() => ({}));
    return Object.assign(new Error("429"), { sentence, seconds: Number(answer.headers.get("Retry-After")) || 10 });
  }
  async function enter() {
    if (known) return;
    const answer = await fetch("/chat/session", { method: "POST" });
    if (answer.status === 429) throw await tooFast(answer);
    if (!answer.ok) throw new Error("no session");
    known = true;
    listen();
  }
  async function sendAll() {
    if (sending) return;
    sending = true;
    let turnedAway = 0;
    try {
      while (unsent.length) {
        const message = unsent[0];
        const node = drawMine(message);
        await enter();
        const answer = await request(message);
        if (answer.status === 401) {
          known = false;
          turnedAway += 1;
          if (turnedAway > 2) throw new Error("the browser keeps no cookie");
          continue;
        }
        if (answer.status === 429) throw await tooFast(answer);
        if (answer.status >= 500) throw new Error(String(answer.status));
        forget(unsent.shift());
        delay = 1000;
        say("");
        if (answer.ok) {
          settle(node);
          if (!answered.has(message.id)) expect();
        } else refuse(node, message, (await answer.json().catch(() => ({}))).sentence);
      }
    } catch (error) {
      for (const message of unsent) {
        const node = drawMine(message);
        node.classList.add("waiting");
        node.lastChild.replaceChildren("还没发出，会自动再发 ", element("button", { type: "button", "data-testid": "resend", onclick: () => sendAll() }, "现在再发"));
      }
      say(error.sentence || (navigator.onLine ? "暂时连不上，正在自动重试；您写的都留着。" : "网络断开了，恢复后自动发送；您写的都留着。"));
      clearTimeout(again);
      again = setTimeout(sendAll, error.seconds ? error.seconds * 1000 : delay);
      delay = Math.min(delay * 2, 20000);
    } finally {
      sending = false;
    }
  }
  function refuse(node, message, sentence) {
    node.classList.remove("waiting");
    node.classList.add("refused");
    node.lastChild.replaceChildren(sentence || "这条没有发出，请改一改再发。");
    node.lastChild.setAttribute("role", "alert");
    if (message.kind === "text" && !field.value) { field.value = message.text; grow(); }
  }

  /* ---- receiving ---- */
  // While a finger or the mouse is down nothing comes in: what is under it would move away, and the press would be lost.
  const AFTER_CLICK = 50, AT_MOST = 10000; // ms; a click follows its pointerup, and a long press only selects words
  const later = [];
  let down = false, upTimer = 0;
  function unlessDown(draw) {
    if (down) later.push(draw);
    else draw();
  }
  function up() {
    down = false;
    for (const draw of later.splice(0)) draw();
  }
  function upIn(time) {
    clearTimeout(upTimer);
    upTimer = setTimeout(up, time);
  }
  scroller.addEventListener("pointerdown", () => { down = true; upIn(AT_MOST); });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, () => { if (down) upIn(AFTER_CLICK); });

  function listen() {
    source?.close();
    source = new EventSource(`/chat/events?after=${cursor}`);
    source.addEventListener("open", () => { if (!unsent.length) say(""); });
    source.addEventListener("message", (event) => {
      cursor = event.lastEventId || cursor;
      unlessDown(() => {
        working(false);
        drawReceived(JSON.parse(event.data));
      });
    });
    source.addEventListener("working", (event) => {
      confirmed = true;
      unlessDown(() => working(JSON.parse(event.data).working));
    });
    source.addEventListener("error", () => {
      if (source.readyState === EventSource.CLOSED) setTimeout(listen, 3000);
      if (!unsent.length) say(navigator.onLine ? "正在重新连接…" : "网络断开了，恢复后会接着显示。");
    });
  }
  async function start() {
    try {
      const answer = await fetch("/chat/history");
      if (!answer.ok) throw new Error(String(answer.status));
      const past = await answer.json();
      for (const topic of past.topics) {
        at("topics").append(element("button", { type: "button", class: "chip", "data-testid": "topic", onclick: () => queue({ id: newId(), kind: "text", text: topic }) }, topic));
      }
      log.setAttribute("aria-live", "off");
      for (const message of past.messages) {
        if (message.from === "me") settle(drawMine(message), message.at);
        else drawReceived(message);
      }
      const sent = new Set(past.messages.map((message) => message.id));
      unsent.filter((message) => sent.has(message.id)).forEach(forget);
      unsent = unsent.filter((message) => !sent.has(message.id));
      scroller.scrollTop = scroller.scrollHeight;
      at("latest").hidden = true;
      setTimeout(() => log.setAttribute("aria-live", "polite"), 300);
      at("welcome").hidden = Boolean(past.messages.length || unsent.length);
      known = past.known;
      cursor = past.cursor;
      say("");
      if (known) listen();
      working(past.working);
      const link = new URLSearchParams(location.search).get("start");
      if (link !== null) {
        history.replaceState(null, "", "/"); // a code in it is not left in the address, nor sent again on reload
        if (link) queue({ id: newId(), kind: "start", payload: link.slice(0, 64), text: "打开链接" });
      }
      if (unsent.length) void sendAll();
      document.body.dataset.ready = "yes";
    } catch {
      say("暂时连不上，正在自动重试…");
      setTimeout(start, 3000);
    }
  }

  /* ---- composer ---- */
  function grow() {
    field.style.height = "auto";
    field.style.height = `${field.scrollHeight + 2}px`;
    save(DRAFT, field.value);
  }
  at("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = field.value;
    if (!text.trim()) { say("还没有写内容。写一句您想问的就行。"); field.focus(); return; }
    say("");
    field.value = "";
    grow();
    queue({ id: newId(), kind: "text", text });
    field.focus();
  });
  field.addEventListener("input", grow);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    at("composer").requestSubmit();
  });
  at("attach").addEventListener("click", () => at("file").click());
  function attach(files) {
    for (const file of files) {
      if (file.size > 10 * 1024 * 1024) { say("文件超过10MB，请压缩后再发，或者只拍需要的那一页。"); continue; }
      const photo = file.type.startsWith("image/");
      queue({ id: newId(), kind: photo ? "photo" : "document", text: file.name, data: file, preview: photo ? URL.createObjectURL(file) : null });
    }
  }
  at("file").addEventListener("change", () => {
    attach(at("file").files);
    at("file").value = "";
    field.focus();
  });
  field.addEventListener("paste", (event) => {
    // Words and cells copied from an office program come with a picture of themselves: the words are meant.
    if (!event.clipboardData.files.length || event.clipboardData.getData("text/plain")) return;
    event.preventDefault();
    attach(event.clipboardData.files);
  });
  const carriesFiles = (event) => event.dataTransfer.types.includes("Files");
  document.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return; // words are dropped where one writes
    event.preventDefault();
    attach(event.dataTransfer.files);
  });
  window.addEventListener("beforeunload", (event) => {
    if (unsent.some((message) => message.data)) event.preventDefault(); // a file is not kept when the page is left
  });
  at("person").addEventListener("click", () => queue({ id: newId(), kind: "text", text: "转人工" }));
  at("latest").addEventListener("click", () => { scroller.scrollTop = scroller.scrollHeight; });
  let pinned = true; // the last message stays in sight when the keyboard or a notice takes room
  scroller.addEventListener("scroll", () => {
    pinned = nearEnd();
    if (pinned) at("latest").hidden = true;
  });
  new ResizeObserver(() => { if (pinned) scroller.scrollTop = scroller.scrollHeight; }).observe(scroller);
  window.addEventListener("online", () => { delay = 1000; void sendAll(); });
  window.addEventListener("offline", () => say("网络断开了，恢复后自动发送；您写的都留着。"));
  field.value = load(DRAFT, "");
  grow();
  void start();
})();
