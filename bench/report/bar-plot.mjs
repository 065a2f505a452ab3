const WIDTH = 860;
const LABELS = 300;
const VALUES = 190;
const BAR = 18;
const STEP = 26;
const TOP = 64;

/**
 * Horizontal bars as an SVG. It has its own background, so that it is readable on any page, light or dark.
 *
 * @param bars `{ label, value, shown, kind }`: `kind` is 'ours' or 'peer', `shown` the text next to the bar.
 * @param scale 'linear', or 'log' for values of 1 and more.
 */
export function barPlot({ title, subtitle, bars, scale = 'linear' }) {
  const most = Math.max(...bars.map(({ value }) => value));
  const room = WIDTH - LABELS - VALUES;
  // On the logarithmic scale a value of 1 should still be visible.
  const share = (value) =>
    scale === 'log' ? (value < 1 ? 0 : Math.log10(value * 2) / Math.log10(most * 2)) : value / most;
  const height = TOP + bars.length * STEP + 12;
  const rows = bars.map(({ label, value, shown, kind }, place) => {
    const y = TOP + place * STEP;
    const width = Math.max(1, Math.round(room * Math.max(0, share(value))));
    const middle = y + BAR / 2 + 4.5;
    return `  <text class="${kind}" x="${LABELS - 10}" y="${middle}" text-anchor="end">${escaped(label)}</text>
  <rect class="${kind}" x="${LABELS}" y="${y}" width="${width}" height="${BAR}" rx="2"/>
  <text class="value" x="${LABELS + width + 8}" y="${middle}">${escaped(shown)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(title)}">
  <style>
    .page { fill: #ffffff; } text { font: 13px system-ui, sans-serif; fill: #24292f; } .title { font-size: 16px; font-weight: 600; }
    .subtitle, .value { fill: #57606a; } text.ours { font-weight: 600; } rect.ours { fill: #0969da; } rect.peer { fill: #8c959f; }
    @media (prefers-color-scheme: dark) {
      .page { fill: #0d1117; } text { fill: #e6edf3; } .subtitle, .value { fill: #9ea7b3; } rect.ours { fill: #4493f8; } rect.peer { fill: #6e7681; }
    }
  </style>
  <rect class="page" width="${WIDTH}" height="${height}" rx="6"/>
  <text class="title" x="16" y="26">${escaped(title)}</text>
  <text class="subtitle" x="16" y="46">${escaped(subtitle)}</text>
${rows.join('\n')}
</svg>
`;
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
