/** Finds the sentences that the code marks for translation. */
import ts from "typescript";
import { fileURLToPath } from "node:url";
import { join, relative } from "node:path";
import { openOptions, serviceBlocks } from "../../src/config/service_blocks.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export interface Sentences {
  /** By the key in a catalogue: the number of values that the sentence has, and whether it is counted. */
  keys: Map<string, { values: number; isCounted: boolean }>;
  /** "src/app/app.ts:12: what is wrong". */
  mistakes: string[];
}

/** Of all code that people see: everything in src and services, and main.ts. */
export async function sentencesOfCode(): Promise<Sentences> {
  const sentences: Sentences = { keys: new Map(), mistakes: [] };
  const files = [join(root, "main.ts"), ...await filesBelow("src"), ...await filesBelow("services")];
  for (const file of files) {
    const text = await Deno.readTextFile(file);
    if (file.endsWith(".html")) addMarkedElements(text, sentences);
    else addMarkedTexts(relative(root, file).replaceAll("\\", "/"), text, sentences);
  }
  await addQuestions(sentences);
  return sentences;
}

/** What `add` asks are comments in the blocks of the services. */
async function addQuestions({ keys }: Sentences): Promise<void> {
  for (const block of (await serviceBlocks(root)).values()) {
    for (const { about } of openOptions(block)) keys.set(about, { values: 0, isCounted: false });
  }
}

/** Of one module. */
export function addMarkedTexts(path: string, text: string, { keys, mistakes }: Sentences): void {
  const kind = path.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS;
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true, kind);
  const report = (node: ts.Node, why: string) => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    mistakes.push(`${path}:${line + 1}: ${why}`);
  };
  const visit = (node: ts.Node, isInFunction: boolean): void => {
    if (ts.isTaggedTemplateExpression(node) && ["t", "mixed"].includes(node.tag.getText())) {
      if (!isInFunction) {
        report(node, "t`…` is called while the module loads; mark the text with msg(…)");
      }
      keys.set(...keyOf(node.template));
    }
    if (ts.isCallExpression(node)) {
      const texts = node.arguments.filter(ts.isStringLiteralLike).map(({ text }) => text);
      const name = node.expression.getText();
      if (name === "msg" || name === "noun") {
        if (texts.length === 0 || texts.length < node.arguments.length) {
          report(node, `${name} needs texts as they are, without expressions`);
        } else if (name === "msg") keys.set(texts[0] as string, { values: 0, isCounted: false });
        else keys.set(`{0} ${texts[1] ?? `${texts[0]}s`}`, { values: 1, isCounted: true });
      }
    }
    const isBody = isInFunction || ts.isFunctionLike(node) || isFieldOfObject(node);
    node.forEachChild((child) => visit(child, isBody));
  };
  visit(source, false);
}

/** Its value is made with each object, and not while the module loads. */
function isFieldOfObject(node: ts.Node): boolean {
  return ts.isPropertyDeclaration(node) &&
    !node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword);
}

function keyOf(template: ts.TemplateLiteral): [string, { values: number; isCounted: boolean }] {
  if (ts.isNoSubstitutionTemplateLiteral(template)) return [template.text, { values: 0, isCounted: false }];
  const parts = template.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`);
  return [template.head.text + parts.join(""), { values: parts.length, isCounted: false }];
}

/** `<h1 data-t>Alerts</h1>`: elements inside of it have other names. */
function addMarkedElements(html: string, { keys }: Sentences): void {
  for (const [, , text = ""] of html.matchAll(/<(\w+)[^>]*\sdata-t(?:=""|)(?=[\s>])[^>]*>(.+?)<\/\1>/gs)) {
    keys.set(text.trim().replace(/\s+/g, " "), { values: 0, isCounted: false });
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(join(root, folder))) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) files.push(...await filesBelow(path));
    else if (/\.(tsx?|js|html)$/.test(entry.name)) files.push(join(root, path));
  }
  return files.sort();
}
