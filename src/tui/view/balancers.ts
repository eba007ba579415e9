import { attentionOf } from '../attention.ts';
import { severityTint } from '../event-columns.ts';
import type { Layout } from '../layout.ts';
import type { BalancerRow } from '../rows.ts';
import type { TuiState } from '../state.ts';
import { shown, toWidth } from '../width.ts';
import { age, ago, counted, countWords, short } from '../words.ts';
import type { Glyphs } from './glyphs.ts';
import { cutLine, type Line, type Segment, segment } from './line.ts';

const NARROW_NAME = 22;
const WIDEST_NAME = 34;
const WIDEST_BRAND = 20;
const WIDE = 100;

/** One line for each balancer, silent ones first when there is no room for all. */
export function balancerLines({ tables, nowMs }: TuiState, layout: Layout, glyphs: Glyphs): Line[] {
  const { balancers } = tables;
  if (layout.balancers === 0) return [];
  const rank = ({ reading }: BalancerRow): number => (reading.outcome === 'failed' ? 0 : 1);
  const all = balancers.map((row, at) => ({ row, at }));
  const hidden = all.length > layout.balancers;
  const first = hidden ? [...all].sort((a, b) => rank(a.row) - rank(b.row)).slice(0, layout.balancers - 1) : all;
  const nameWidth = Math.min(
    Math.max(...first.map(({ row }) => row.shown.length), 10),
    layout.isNarrow ? NARROW_NAME : Math.max(WIDEST_NAME, Math.floor(layout.width / 3)),
  );
  const brandWidth = Math.max(...first.map(({ row }) => row.brandShown.length));
  const lines = first.map(({ row, at }) => {
    const left: Segment[] = [
      segment(balancers.length > 1 ? ` ${at + 1} ` : '   ', { bold: true }),
      segment(
        toWidth(
          layout.isNarrow ? row.shown.replace(/^https?:\/\//, '') : row.shown,
          nameWidth,
          'left',
          glyphs.ellipsis,
        ),
        {
          ...(row.reading.outcome === 'failed' ? { tint: 'gray' as const } : { bold: true }),
        },
      ),
      segment('  '),
    ];
    return cutLine(
      [...left, ...balancerWords(row, { nowMs, brandWidth, isLone: balancers.length === 1 }, layout, glyphs)],
      layout.width,
    );
  });
  if (hidden) lines.push([segment(`   and ${counted(all.length - first.length, 'more balancer')}`, { dim: true })]);
  return lines;
}

function balancerWords(
  row: BalancerRow,
  { nowMs, brandWidth, isLone }: { readonly nowMs: number; readonly brandWidth: number; readonly isLone: boolean },
  { isNarrow, width }: Layout,
  glyphs: Glyphs,
): Line {
  const { reading } = row;
  if (reading.outcome === 'pending') return [segment('asking', { tint: 'cyan' })];
  if (reading.outcome === 'failed') {
    const { failure } = reading;
    const since = `silent for ${age(nowMs - failure.sinceMs)}`;
    return [
      segment(since, { tint: 'red', bold: true }),
      segment(isNarrow ? '' : `: ${shown(failure.error.message)}`, { tint: 'red' }),
    ];
  }
  const parts = [counted(row.nodes, 'node'), countWords(row.counts)];
  if (isNarrow) return [segment(parts.join(' '))];
  if (row.inFlight !== undefined && (isLone || width >= WIDE)) parts.push(`${short(row.inFlight)} in flight`);
  return [
    segment(toWidth(row.brandShown, Math.min(brandWidth, WIDEST_BRAND), 'left', glyphs.ellipsis), { tint: 'cyan' }),
    segment(`  ${parts.join(` ${glyphs.dot} `)}`),
    // Of a lone one the header says it.
    ...(isLone ? [] : [segment(`  read ${ago(nowMs - reading.good.atMs)}`, { dim: true })]),
  ];
}

export function attentionLines({ tables }: TuiState, layout: Layout, glyphs: Glyphs): Line[] {
  return attentionOf(tables)
    .slice(0, layout.attention)
    .map(({ severity, words }) => {
      const tint = severityTint(severity);
      const look = tint === undefined ? {} : { tint };
      return [
        segment(severity === 'good' ? ` ${glyphs.good} ` : severity === 'plain' ? '   ' : ' ! ', {
          ...look,
          bold: true,
        }),
        segment(words, look),
      ];
    });
}
