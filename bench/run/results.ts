/** `bench/RESULTS.md`: a section a benchmark, each as it was last measured. */
import { aimOf, type Benchmark, type Figure, isMet, shown } from "../benchmark.ts";

const head = `# Results of the benchmarks

\`deno task bench\` writes this file: a section for each benchmark, as it was last measured on a quiet machine. Figures
of different sections were measured on the same machine only where both say so.
`;

export interface Section {
  benchmark: Pick<Benchmark, "name" | "about">;
  figures: readonly Figure[];
  /** Where, with what, when, and how quiet it was: a sentence each. */
  circumstances: readonly string[];
}

/** The file's text with this section, sorted by `names`. The other sections stay unchanged. */
export function withSection(text: string, section: Section, names: readonly string[]): string {
  const sections = new Map<string, string>();
  for (const part of text.split(/^(?=## )/m)) {
    const name = part.match(/^## (.+)$/m)?.[1];
    if (name !== undefined) sections.set(name, part.trimEnd());
  }
  sections.set(section.benchmark.name, render(section));
  const inOrder = [...sections].sort(([a], [b]) => names.indexOf(a) - names.indexOf(b));
  return [head.trimEnd(), ...inOrder.map(([, part]) => part)].join("\n\n") + "\n";
}

function render({ benchmark, figures, circumstances }: Section): string {
  const rows = figures.map((figure) => {
    const { name, value, unit, target } = figure;
    const met = target === undefined ? "" : isMet(figure) ? "yes" : "no";
    return `| ${[name, `${shown(value)} ${unit}`.trimEnd(), aimOf(figure), met].join(" | ")} |`;
  });
  return [
    `## ${benchmark.name}`,
    benchmark.about,
    ["| figure | value | target | met |", "| --- | ---: | ---: | --- |", ...rows].join("\n"),
    circumstances.join("\n"),
  ].join("\n\n");
}
