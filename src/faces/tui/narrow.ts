/**
 * Characters of one column in every terminal, each of one UTF-16 unit: everything that the screen itself draws, and
 * most names. The text is part of a character class in a regular expression.
 */
export const narrow = " -~À-ɏ·…‹›“”←-↓↻─━│└┤┴▁-█▏░▲▸▼▽○●◌✓✗⠀-⣿";

/** Matches a text of only these characters, without a table. */
export const narrowText = new RegExp(`^[${narrow}]*$`);
