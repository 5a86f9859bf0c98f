import { DARK, FIGURE_FONTS, LIGHT, OCHRE, OKABE_ITO, TEXT_FONTS } from '../palette.js';
import { formatElement } from '../xml.js';

/** The style sheet. Each rule names the picture's class, because an SVG inside a page styles the whole page. */
export const STYLE = `
.kexec-map .page { fill: ${LIGHT.page}; }
.kexec-map text { fill: ${LIGHT.text}; font-family: ${TEXT_FONTS}; font-size: 14px; }
.kexec-map .title { font-size: 20px; font-weight: 600; }
.kexec-map .name { font-weight: 600; }
.kexec-map .figure { font-family: ${FIGURE_FONTS}; font-size: 13px; }
.kexec-map .end { text-anchor: end; }
.kexec-map .middle { text-anchor: middle; }
.kexec-map .heading { font-weight: 600; font-size: 13px; fill: ${LIGHT.quiet}; }
.kexec-map .small { fill: ${LIGHT.quiet}; font-size: 12px; }
.kexec-map .figure.small { font-size: 11.5px; }
.kexec-map .line { fill: none; stroke: #8c959f; }
.kexec-map .edge { fill: none; stroke: ${LIGHT.quiet}; }
.kexec-map .part { stroke: ${LIGHT.quiet}; }
.kexec-map .kernel { fill: ${OKABE_ITO.blue}; }
.kexec-map .initrd { fill: ${OKABE_ITO.orange}; }
.kexec-map .dtb { fill: ${OKABE_ITO.green}; }
.kexec-map .boot-params { fill: ${OKABE_ITO.green}; }
.kexec-map .purgatory { fill: ${OKABE_ITO.vermilion}; }
.kexec-map .elfcorehdr { fill: ${OKABE_ITO.purple}; }
.kexec-map .kho-scratch, .kexec-map .dmcryptkeys { fill: ${OKABE_ITO.skyBlue}; }
.kexec-map .running-kernel { fill: #a9cfe8; }
.kexec-map .running-initrd { fill: #f6dca3; }
.kexec-map .running-dtb { fill: #a4ddc9; }
.kexec-map .free { fill: #f3f6f9; }
.kexec-map .freed { fill: url(#kexec-map-freed); }
.kexec-map .kept { fill: #e3dcec; }
.kexec-map .unknown { fill: url(#kexec-map-unknown); }
.kexec-map .freed-ground { fill: #e6f4ec; }
.kexec-map .freed-line { fill: none; stroke: #7fbf9f; }
.kexec-map .unknown-ground { fill: #f3f6f9; }
.kexec-map .unknown-line { fill: #8c959f; stroke: none; }
.kexec-map .reserved { fill: url(#kexec-map-reserved); }
.kexec-map .driver-managed { fill: url(#kexec-map-reserved); }
.kexec-map .folded { fill: url(#kexec-map-folded); }
.kexec-map .crash-high { fill: url(#kexec-map-crash-high); }
.kexec-map .crash-low, .kexec-map .crash-cma { fill: url(#kexec-map-crash-low); }
.kexec-map .gap { fill: ${LIGHT.page}; stroke-dasharray: 1 4; }
.kexec-map .taken-ground { fill: #d4d9df; }
.kexec-map .taken-line { fill: none; stroke: #9aa4ae; }
.kexec-map .crash-ground { fill: #fbeeb2; }
.kexec-map .crash-line { fill: none; stroke: ${OCHRE}; }
@media screen and (prefers-color-scheme: dark) {
  .kexec-map .page, .kexec-map .gap { fill: ${DARK.page}; }
  .kexec-map text { fill: ${DARK.text}; }
  .kexec-map .small { fill: ${DARK.quiet}; }
  .kexec-map .line { stroke: #6e7681; }
  .kexec-map .edge, .kexec-map .part { stroke: ${DARK.quiet}; }
  .kexec-map .kernel { fill: ${OKABE_ITO.skyBlue}; }
  .kexec-map .heading { fill: ${DARK.quiet}; }
  .kexec-map .running-kernel { fill: #1f4a66; }
  .kexec-map .running-initrd { fill: #6b4d12; }
  .kexec-map .running-dtb { fill: #12543f; }
  .kexec-map .free, .kexec-map .unknown-ground { fill: #1b222b; }
  .kexec-map .freed-ground { fill: #14281f; }
  .kexec-map .freed-line { stroke: #2f6b4c; }
  .kexec-map .kept { fill: #332c45; }
  .kexec-map .unknown-line { fill: #6e7681; }
  .kexec-map .taken-ground { fill: #3a424c; }
  .kexec-map .taken-line { stroke: #6e7681; }
  .kexec-map .crash-ground { fill: #4a4013; }
  .kexec-map .crash-line { stroke: #94801f; }
}
`;

/** The hatchings that the style sheet fills with, as SVG elements. */
export function patterns(): string[] {
  return [
    pattern('reserved', 'taken', 'M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4'),
    pattern('folded', 'taken', 'M0,2 h8 M0,6 h8'),
    pattern('freed', 'freed', 'M4,2 v4 M2,4 h4'),
    pattern('unknown', 'unknown', 'M4,4 m-1,0 a1,1 0 1,0 2,0 a1,1 0 1,0 -2,0'),
    pattern('crash-high', 'crash', 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4'),
    pattern('crash-low', 'crash', 'M-2,6 l4,4 M0,0 l8,8 M6,-2 l4,4 M-2,2 l4,-4 M0,8 l8,-8 M6,10 l4,-4'),
  ];
}

function pattern(name: string, look: string, path: string): string {
  return formatElement(
    'pattern',
    { id: `kexec-map-${name}`, width: 8, height: 8, patternUnits: 'userSpaceOnUse' },
    [
      formatElement('rect', { class: `${look}-ground`, width: 8, height: 8 }),
      formatElement('path', { class: `${look}-line`, d: path }),
    ],
  );
}
