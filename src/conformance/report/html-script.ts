/**
 * What the HTML report does by itself: filters, details, keys. It shows texts as texts only, so nothing that a peer said
 * becomes markup. Plain JavaScript, as it stands in the page; without it the page still shows the matrix.
 */
export const PAGE_SCRIPT = String.raw`'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const matrix = document.getElementById('matrix');
  const rows = [...matrix.querySelectorAll('tr.case')];
  const bodies = [...matrix.querySelectorAll('tbody')];
  const filters = document.getElementById('filters');
  const chips = [...document.querySelectorAll('.chips [data-verdict]')];
  const shown = document.getElementById('shown');
  const none = document.getElementById('none');
  const columns = 2 + data.targets.length;

  const haystacks = data.cases.map((one) => [
    one.id, one.requirement, one.source, one.tags,
    ...one.results.flatMap((result) => result === null ? [] : [result.expected, result.actual ?? '', result.reason ?? '', result.known ?? '']),
  ].join('\n').toLowerCase());

  const make = (name, className, text) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // Topics: those in which all is well begin closed, unless there is little to see.
  const open = new Set(bodies.filter((body) => body.dataset.trouble !== undefined || rows.length <= 60));
  let filtered = false;

  const apply = () => {
    const words = filters.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const topic = filters.elements.topic.value;
    const level = filters.elements.level.value;
    const differs = filters.elements.differs?.checked === true;
    const verdicts = new Set(chips.filter((chip) => chip.getAttribute('aria-pressed') === 'true').map((chip) => chip.dataset.verdict));
    filtered = words.length > 0 || topic !== '' || level !== '' || differs || verdicts.size > 0;
    let count = 0;
    for (const [at, row] of rows.entries()) {
      const one = data.cases[at];
      const found = one.results.filter((result) => result !== null).map(({ verdict }) => verdict);
      const fits = (topic === '' || one.topic === topic) && (level === '' || one.level === level)
        && (verdicts.size === 0 || found.some((verdict) => verdicts.has(verdict)))
        && (!differs || new Set(one.results.map((result) => result === null ? '' : result.verdict)).size > 1)
        && words.every((word) => haystacks[at].includes(word));
      if (fits) count += 1;
      row.dataset.fits = fits ? 'yes' : '';
    }
    shown.textContent = count === rows.length ? rows.length + ' cases' : count + ' of ' + rows.length + ' cases';
    none.hidden = count > 0;
    show();
  };

  const show = () => {
    for (const body of bodies) {
      const expanded = filtered || open.has(body);
      let fitting = 0;
      for (const row of body.querySelectorAll('tr.case')) {
        const fits = row.dataset.fits === 'yes';
        if (fits) fitting += 1;
        row.hidden = !fits || !expanded;
        const detail = detailOf(row);
        if (detail) detail.hidden = row.hidden;
      }
      body.hidden = fitting === 0;
      body.querySelector('.topic button').setAttribute('aria-expanded', String(expanded));
    }
    roam();
  };

  const detailOf = (row) => row.nextElementSibling?.classList.contains('detail') ? row.nextElementSibling : null;

  const close = (row) => {
    detailOf(row)?.remove();
    for (const cell of row.querySelectorAll('.v')) cell.setAttribute('aria-expanded', 'false');
  };

  const toggle = (cell) => {
    const row = cell.closest('tr');
    const wasOpen = cell.getAttribute('aria-expanded') === 'true';
    close(row);
    if (wasOpen) return;
    cell.setAttribute('aria-expanded', 'true');
    const detail = make('tr', 'detail');
    const place = make('td');
    place.colSpan = columns;
    place.append(details(cell));
    detail.append(place);
    row.after(detail);
    try {
      history.replaceState(null, '', '#' + encodeURIComponent(data.cases[row.dataset.at].id) + '@' + (Number(cell.dataset.target) + 1));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      // Some browsers refuse it for pages that are files; the link is a convenience.
    }
  };

  const details = (cell) => {
    const one = data.cases[cell.closest('tr').dataset.at];
    const target = data.targets[cell.dataset.target];
    const result = one.results[cell.dataset.target];
    const box = make('div');
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', one.id + ' at ' + target);
    const head = make('div', 'head');
    head.append(make('span', 'tag ' + result.verdict, data.signs[result.verdict] + ' ' + data.words[result.verdict]), make('span', '', target));
    const closing = make('button', 'plain close', 'Close');
    closing.type = 'button';
    closing.addEventListener('click', () => { close(cell.closest('tr')); cell.focus(); });
    head.append(closing);
    const list = make('dl');
    const say = (label, text) => { if (text) list.append(make('dt', '', label), make('dd', '', text)); };
    say('Requirement', one.requirement);
    say('Expected', result.expected);
    say('Actual', result.actual);
    say('Skipped', result.reason);
    if (result.known !== undefined) say('Known', result.known || 'in the baseline, without a reason');
    say('Level', one.level);
    say('Source', one.source);
    say('Tags', one.tags);
    for (const wait of result.waits) say('Waited', wait);
    say('Took', result.took);
    box.append(head, list);
    for (const { about, bytes } of result.exchanges) {
      const block = make('div', 'bytes');
      block.append(make('p', '', bytes === '' ? about + ': nothing' : about));
      if (bytes !== '') {
        const text = make('pre', '', bytes);
        text.tabIndex = 0;
        block.append(text);
      }
      box.append(block);
    }
    if (result.more > 0) {
      const note = make('div', 'bytes');
      note.append(make('p', '', result.more + (result.more === 1 ? ' other exchange' : ' other exchanges') + ': --save DIR keeps all'));
      box.append(note);
    }
    return box;
  };

  // One cell is in the order of Tab; arrows go on from there.
  let current = null;
  const cells = (row) => [...row.querySelectorAll('.v')];
  const roam = (to) => {
    if (to !== undefined || current === null || current.closest('tr').hidden || current.closest('tbody').hidden) {
      if (current !== null) current.tabIndex = -1;
      current = to ?? rows.find((row) => !row.hidden && !row.closest('tbody').hidden)?.querySelector('.v') ?? null;
    }
    if (current !== null) current.tabIndex = 0;
  };
  const step = (cell, down, right) => {
    const row = cell.closest('tr');
    const visible = rows.filter((each) => !each.hidden && !each.closest('tbody').hidden && each.querySelector('.v'));
    const goal = visible[visible.indexOf(row) + down] ?? row;
    const wanted = Number(cell.dataset.target) + right;
    const next = right === 0
      ? cells(goal).find((each) => each.dataset.target === cell.dataset.target) ?? cells(goal)[0]
      : cells(row).find((each) => right > 0 ? Number(each.dataset.target) >= wanted : false)
        ?? cells(row).filter((each) => right < 0 && Number(each.dataset.target) <= wanted).pop() ?? cell;
    roam(next);
    next.focus();
    next.closest('tr').scrollIntoView({ block: 'nearest' });
  };
  const MOVES = new Map([['ArrowDown', [1, 0]], ['ArrowUp', [-1, 0]], ['ArrowRight', [0, 1]], ['ArrowLeft', [0, -1]]]);

  matrix.addEventListener('click', (event) => {
    const cell = event.target.closest('.v');
    if (cell) { roam(cell); toggle(cell); return; }
    const topic = event.target.closest('.topic button');
    if (!topic) return;
    const body = topic.closest('tbody');
    if (open.has(body)) open.delete(body); else open.add(body);
    show();
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target.closest?.('.v');
    const move = MOVES.get(event.key);
    if (cell && move) { event.preventDefault(); step(cell, move[0], move[1]); return; }
    if (event.key === 'Escape') {
      const detail = event.target.closest?.('tr.detail');
      const row = detail ? detail.previousElementSibling : event.target.closest?.('tr.case');
      if (row && detailOf(row)) {
        const opened = row.querySelector('.v[aria-expanded=true]');
        close(row);
        opened?.focus();
      }
      return;
    }
    if (event.key === '/' && !/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) {
      event.preventDefault();
      filters.elements.text.focus();
    }
  });
  filters.addEventListener('submit', (event) => event.preventDefault());
  filters.addEventListener('input', apply);
  for (const chip of chips) {
    chip.addEventListener('click', () => {
      chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
      apply();
    });
  }
  document.getElementById('all').addEventListener('click', () => {
    const every = open.size < bodies.length;
    open.clear();
    if (every) for (const body of bodies) open.add(body);
    show();
  });

  const visit = () => {
    const [, id, target] = /^#(.+?)(?:@(\d+))?$/.exec(location.hash) ?? [];
    if (id === undefined) return;
    let name = id;
    try { name = decodeURIComponent(id); } catch (error) { if (!(error instanceof URIError)) throw error; }
    const row = rows[data.cases.findIndex((one) => one.id === name)];
    const cell = row?.querySelector('.v[data-target="' + (Number(target ?? 1) - 1) + '"]') ?? row?.querySelector('.v');
    if (!cell) return;
    open.add(row.closest('tbody'));
    show();
    roam(cell);
    if (cell.getAttribute('aria-expanded') !== 'true') toggle(cell);
    row.scrollIntoView();
    cell.focus({ preventScroll: true });
  };
  addEventListener('hashchange', visit);
  document.body.classList.add('live');
  apply();
  visit();
})();
`;
