'use strict';
(function () {
  const root = document.documentElement, $ = (q, e) => (e || document).querySelector(q), all = (q, e) => [...(e || document).querySelectorAll(q)];
  // Theme: the address, else the system, until the button is pressed.
  const asked = /theme=(dark|light)/.exec(location.hash);
  if (asked) root.dataset.theme = asked[1];
  const dark = () => root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  const theme = $('#theme');
  const label = () => { theme.textContent = dark() ? 'light' : 'dark'; };
  theme.hidden = false; label();
  theme.onclick = () => { root.dataset.theme = dark() ? 'light' : 'dark'; label(); };

  // Sorting by a header; totals live in tfoot and stay last.
  const value = (row, i) => {
    const cell = row.cells[i];
    if (!cell) return '';
    const text = (cell.dataset.v || cell.textContent).trim();
    const number = parseFloat(text.replace(/[\u202f\u2009 ]/g, '').replace('\u2212', '-').replace('<', ''));
    return Number.isNaN(number) ? text : number;
  };
  all('table.sort').forEach(table => all('thead th:not(.nosort)', table).forEach(head => {
    head.tabIndex = 0;
    const sort = () => {
      const up = head.getAttribute('aria-sort') !== 'ascending', i = head.cellIndex, body = table.tBodies[0];
      all('th', table.tHead).forEach(h => h.removeAttribute('aria-sort'));
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      [...body.rows].map(r => [value(r, i), r]).sort((a, b) => {
        const order = typeof a[0] === 'number' && typeof b[0] === 'number' ? a[0] - b[0] : String(a[0]).localeCompare(String(b[0]));
        return up ? order : -order;
      }).forEach(pair => body.appendChild(pair[1]));
    };
    head.onclick = sort;
    head.onkeydown = e => { if (e.key === 'Enter') sort(); };
  }));

  // Matrices: D or the difference; the same cell in every matrix.
  const toggle = $('.toggle');
  if (toggle) {
    toggle.hidden = false;
    all('button', toggle).forEach(button => {
      button.onclick = () => {
        all('button', toggle).forEach(b => b.setAttribute('aria-pressed', b === button));
        all('table[data-matrix]').forEach(t => { t.hidden = t.dataset.matrix !== button.dataset.m; });
      };
    });
  }
  all('.matrix td[data-c]').forEach(cell => {
    const mark = on => all('.matrix td[data-c="' + cell.dataset.c + '"]').forEach(c => c.classList.toggle('twin', on));
    cell.onmouseenter = () => mark(true);
    cell.onmouseleave = () => mark(false);
  });

  // Flips: eight are in the page, the others are bytes that become rows when asked for.
  const bar = $('.filters'), data = $('#flipdata'), more = $('#more');
  if (!bar) return;
  const body = $('table.flips tbody'), width = $('table.flips thead tr').cells.length, first = [...body.rows];
  const parsed = data ? JSON.parse(data.textContent) : {flips: [], classes: []};
  const name = i => i < 0 ? '\u2014' : parsed.classes[i] || 'class ' + i;
  const bytes = text => Uint8Array.from(atob(text), c => c.charCodeAt(0));
  const picture = text => {
    if (!text) return [];
    if (parsed.kind === 'image' || parsed.kind === 'map') return ['<img class="px ' + parsed.kind + '" alt="input" src="data:image/png;base64,' + text + '">'];
    const b = bytes(text), lines = parsed.lines.reduce((a, n) => a + n, 0), n = b.length / lines;
    let at = 0;
    return parsed.lines.map(count => {
      let paths = '';
      for (let l = 0; l < count; ++l, at += n) {
        let d = '';
        for (let i = 0; i < n; ++i) d += (i ? 'L' : 'M') + (100 * i / (n - 1)).toFixed(1) + ' ' + (29 - b[at + i] * 28 / 255).toFixed(1);
        paths += '<path d="' + d + '" class="tr t' + Math.min(l, 3) + '"/>';
      }
      return '<svg class="fig" width="100%" height="26" viewBox="0 0 100 30" preserveAspectRatio="none">' + paths + '</svg>';
    });
  };
  // Names come escaped from the program; see html_flips.cpp.
  const row = f => {
    const tr = document.createElement('tr'), pictures = picture(f[7]);
    tr.dataset.k = f[1];
    const step = width > 8 && first[0] && all('td.q', first[0]).length ? 2 : 1;
    let cells = '<td><code>' + f[0] + '</code></td><td class="k">' + f[1] + (f[6] ? ' <abbr title="the desktop runtimes disagree on this sample too">\u2248</abbr>' : '') + '</td><td><b>' + name(f[2]) + '</b></td><td>' + name(f[3]) +
      '</td><td>' + name(f[4]) + '</td><td class="mg second"><svg class="fig" width="100%" height="10"><rect x="0" y="1" width="100%" height="8" class="rail"/><rect x="0" y="1" width="' + (100 * Math.min(1, f[5])) +
      '%" height="8" class="greybar"/></svg></td><td class="n second">' + f[5].toFixed(3) + '</td>';
    pictures.forEach((p, i) => { cells += '<td class="spark' + (i ? ' second' : '') + '">' + p + '</td>' + (step === 2 ? '<td class="q second"></td>' : ''); });
    tr.innerHTML = cells;
    return tr;
  };
  let kind = '', shown = 8;
  const draw = () => {
    const chosen = first.map(r => [r.dataset.k, r]).concat(parsed.flips.map(f => [f[1], f])).filter(x => !kind || x[0] === kind);
    body.replaceChildren(...chosen.slice(0, shown).map(x => x[1] instanceof Element ? x[1] : row(x[1])));
    $('#shown').textContent = Math.min(shown, chosen.length);
    more.hidden = chosen.length <= shown;
  };
  bar.hidden = false;
  more.hidden = parsed.flips.length === 0;
  more.onclick = () => { shown += 24; draw(); };
  all('button', bar).forEach(button => {
    button.onclick = () => {
      all('button', bar).forEach(b => b.setAttribute('aria-pressed', b === button));
      kind = button.dataset.f; shown = 8; draw();
    };
  });
})();
