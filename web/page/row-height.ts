/** The height of each row of a table of many rows, in pixels: the style sheet has it, too. */
export const ROW_HEIGHT = 32;
