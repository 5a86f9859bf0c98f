/** Colours and fonts of all pictures and pages. */

/** The colours of Okabe and Ito, which people with any colour vision can tell apart. */
export const OKABE_ITO = {
  blue: '#0072b2',
  skyBlue: '#56b4e9',
  green: '#009e73',
  orange: '#e69f00',
  vermilion: '#d55e00',
  purple: '#cc79a7',
} as const;

/** A darker yellow than theirs, for lines and bars on white. */
export const OCHRE = '#d9bd3c';

/** The background, text, and text of less weight. */
export const LIGHT = { page: '#ffffff', text: '#1f2328', quiet: '#59636e' } as const;
export const DARK = { page: '#0d1117', text: '#e6edf3', quiet: '#9198a1' } as const;

export const TEXT_FONTS = 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
export const FIGURE_FONTS = 'ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace';
