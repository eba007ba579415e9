/** The middle of some numbers; of an even count, the lower middle. */
export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1];
}

/** A number with so many digits after the point, or `-` where there is none. */
export function fixed(number, digits) {
  return Number.isFinite(number) ? number.toFixed(digits) : '-';
}

/** Rows of texts as aligned columns: the first to the left, all others to the right. */
export function table(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('   '))
    .join('\n');
}
