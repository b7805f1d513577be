/**
 * Letters and signs of one column in every terminal, each of one unit: what the screen itself draws, and most names. As a
 * part of a class in an expression.
 */
export const narrow = " -~À-ɏ·…‹›“”←-↓↻─━▁-█▏░▲▸▽○●◌✓✗";

/** A text of these alone is recognized by this expression, without a table. */
export const narrowText = new RegExp(`^[${narrow}]*$`);
