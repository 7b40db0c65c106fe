// A list of any length of which only what is in view exists as elements. All items are equally high, so that the place
// of each follows from its number. One stop of the Tab key; arrows, Page, Home and End move in it, Enter opens.

const spare_items = 8;  // above and below what is in view

// `draw(item)` makes an element; `open(item)` is called by a click or Enter. Items with `heading` are not options.
function make_list(label, draw, open) {
  const canvas = el("div", {class: "canvas", role: "presentation"});
  const box = el("div", {class: "list", role: "listbox", tabindex: "0", "aria-label": label}, canvas);
  let items = [], drawn = new Map(), active = -1, planned = false, options = 0, height = 0;

  const is_option = (at) => at >= 0 && at < items.length && items[at].heading === undefined;
  const id_of = (at) => `option-${at}`;

  function element_of(at) {
    const item = items[at];
    const node = draw(item);
    node.style.top = `${at * height}px`;
    if (!is_option(at)) {
      set_attributes(node, {role: "presentation"});
      return node;
    }
    set_attributes(node, {id: id_of(at), role: "option", "aria-setsize": options, "aria-posinset": item.position,
      "aria-selected": at === active ? "true" : "false"});
    node.addEventListener("click", () => {
      move_to(at, false);
      open(item);
    });
    return node;
  }

  function refresh() {
    planned = false;
    if (!height || box.clientHeight === 0) return;
    const from = Math.max(0, Math.floor(box.scrollTop / height) - spare_items);
    const to = Math.min(items.length, Math.ceil((box.scrollTop + box.clientHeight) / height) + spare_items);
    for (const [at, node] of drawn) {
      if (at >= from && at < to) continue;
      node.remove();
      drawn.delete(at);
    }
    for (let at = from; at < to; ++at) {
      if (drawn.has(at)) continue;
      const node = element_of(at);
      drawn.set(at, node);
      canvas.append(node);
    }
  }

  function plan() {
    if (planned) return;
    planned = true;
    requestAnimationFrame(refresh);
  }

  function show(at) {
    const top = at * height;
    if (top < box.scrollTop + height) box.scrollTop = top - height;  // not under a heading's place
    else if (top + 2 * height > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * height - box.clientHeight;
  }

  function move_to(at, scroll = true) {
    if (!is_option(at)) return;
    drawn.get(active)?.setAttribute("aria-selected", "false");
    active = at;
    if (scroll) show(at);
    refresh();
    drawn.get(at)?.setAttribute("aria-selected", "true");
    box.setAttribute("aria-activedescendant", id_of(at));
  }

  // The next option from `at` in direction `step`, or -1.
  function next_option(at, step) {
    while (at >= 0 && at < items.length && !is_option(at)) at += step;
    return is_option(at) ? at : -1;
  }

  function target_of(key) {
    const page = Math.max(1, Math.floor(box.clientHeight / height) - 1);
    const clamped = (at) => Math.min(items.length - 1, Math.max(0, at));
    if (key === "ArrowDown") return next_option(active + 1, 1);
    if (key === "ArrowUp") return next_option(active - 1, -1);
    if (key === "PageDown") return next_option(clamped(active + page), -1);
    if (key === "PageUp") return next_option(clamped(active - page), 1);
    if (key === "Home") return next_option(0, 1);
    if (key === "End") return next_option(items.length - 1, -1);
    return -1;
  }

  box.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if ((event.key === "Enter" || event.key === " ") && is_option(active)) {
      open(items[active]);
    } else {
      const target = target_of(event.key);
      if (target < 0 && !/^(Arrow(Up|Down)|Page(Up|Down)|Home|End)$/.test(event.key)) return;
      if (target >= 0) move_to(target);
    }
    event.preventDefault();
  });
  box.addEventListener("focus", () => active < 0 && move_to(next_option(0, 1), false));
  box.addEventListener("scroll", plan, {passive: true});
  new ResizeObserver(() => {
    measure();
    refresh();
  }).observe(box);

  function measure() {
    const now = parseFloat(getComputedStyle(box).getPropertyValue("--row")) || 52;
    if (now === height) return;
    height = now;
    clear();
    canvas.style.height = `${items.length * height}px`;
  }

  function clear() {
    for (const node of drawn.values()) node.remove();
    drawn.clear();
  }

  // Shows other items, from the top, or at `keep`, a test of the item to keep in view.
  function set(new_items, keep) {
    items = new_items;
    options = 0;
    for (const item of items) if (item.heading === undefined) item.position = ++options;
    clear();
    measure();
    canvas.style.height = `${items.length * height}px`;
    active = keep ? items.findIndex((item) => item.heading === undefined && keep(item)) : -1;
    box.removeAttribute("aria-activedescendant");
    if (active >= 0) move_to(active);
    else box.scrollTop = 0;
    refresh();
  }

  // The item `step` options away from the active one, made active; null at either end.
  function neighbour(step) {
    const at = next_option(active + step, step);
    if (at < 0) return null;
    move_to(at);
    return items[at];
  }

  return {box, set, neighbour, items: () => items, select: (test) => move_to(items.findIndex((i) => i.heading === undefined && test(i)))};
}
