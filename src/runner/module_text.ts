/** What the text of a service's module tells before it is loaded. */

const importedName = /\b(?:from|import)\s*\(?\s*["']([^"'\n]+)["']/g;

/** Ways to Node's modules without a name that is written out. */
const otherWay = /\bprocess\b|\brequire\b|\bgetBuiltinModule\b|\bimport\s*\((?!\s*["'])/;

/**
 * Whether a module, with those files of its folders that it imports, imports nothing but them and `livecue/…`. In
 * doubt it does not: so a comment that looks like another import is one.
 */
export function staysWithinLivecue(module: URL, seen = new Set<string>()): boolean {
  if (seen.has(module.href)) return true;
  seen.add(module.href);
  const text = textOf(module);
  if (text === null || otherWay.test(text)) return false;
  return [...text.matchAll(importedName)].every(([, name = ""]) =>
    name.startsWith("livecue/") || (/^\.\.?\//.test(name) && staysWithinLivecue(new URL(name, module), seen))
  );
}

function textOf(file: URL): string | null {
  try {
    return Deno.readTextFileSync(file);
  } catch {
    // The import says why.
    return null;
  }
}
