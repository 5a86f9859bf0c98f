import { formatElement } from '../xml.js';

/**
 * The colours are those of Okabe and Ito, which people with any colour vision can tell apart. Every rule is bound to
 * the picture's class, as the style sheet of an SVG inside a page holds for the whole page.
 */
export const STYLE = `
.kexec-map .page { fill: #ffffff; }
.kexec-map text { fill: #1f2328; font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; font-size: 14px; }
.kexec-map .title { font-size: 20px; font-weight: 600; }
.kexec-map .name { font-weight: 600; }
.kexec-map .figure { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: 13px; }
.kexec-map .end { text-anchor: end; }
.kexec-map .small { fill: #59636e; font-size: 12px; }
.kexec-map .figure.small { font-size: 11.5px; }
.kexec-map .line { fill: none; stroke: #8c959f; }
.kexec-map .edge { fill: none; stroke: #59636e; }
.kexec-map .part { stroke: #59636e; }
.kexec-map .kernel { fill: #0072b2; }
.kexec-map .initrd { fill: #e69f00; }
.kexec-map .dtb { fill: #009e73; }
.kexec-map .purgatory { fill: #d55e00; }
.kexec-map .elfcorehdr { fill: #cc79a7; }
.kexec-map .free { fill: #f3f6f9; }
.kexec-map .reserved { fill: url(#kexec-map-reserved); }
.kexec-map .folded { fill: url(#kexec-map-folded); }
.kexec-map .crash-high { fill: url(#kexec-map-crash-high); }
.kexec-map .crash-low { fill: url(#kexec-map-crash-low); }
.kexec-map .gap { fill: #ffffff; stroke-dasharray: 1 4; }
.kexec-map .taken { fill: #d4d9df; }
.kexec-map .taken-line { fill: none; stroke: #9aa4ae; }
.kexec-map .crash { fill: #fbeeb2; }
.kexec-map .crash-line { fill: none; stroke: #d9bd3c; }
@media (prefers-color-scheme: dark) {
  .kexec-map .page, .kexec-map .gap { fill: #0d1117; }
  .kexec-map text { fill: #e6edf3; }
  .kexec-map .small { fill: #9198a1; }
  .kexec-map .line { stroke: #6e7681; }
  .kexec-map .edge, .kexec-map .part { stroke: #9198a1; }
  .kexec-map .kernel { fill: #56b4e9; }
  .kexec-map .free { fill: #1b222b; }
  .kexec-map .taken { fill: #3a424c; }
  .kexec-map .taken-line { stroke: #6e7681; }
  .kexec-map .crash { fill: #4a4013; }
  .kexec-map .crash-line { stroke: #94801f; }
}
`;

/** The hatchings that the style sheet fills with, as SVG elements. */
export function patterns(): string[] {
  return [
    pattern('reserved', 'taken', 'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4'),
    pattern('folded', 'taken', 'M0,2 h8 M0,6 h8'),
    pattern('crash-high', 'crash', 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4'),
    pattern('crash-low', 'crash', 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4 M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4'),
  ];
}

function pattern(name: string, look: string, path: string): string {
  return formatElement(
    'pattern',
    { id: `kexec-map-${name}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
    [
      formatElement('rect', { class: look, width: 8, height: 8 }),
      formatElement('path', { class: `${look}-line`, d: path }),
    ],
  );
}
