import type { KeyId } from "@keysweep/core/ProxyKey"
import { oneLine } from "@keysweep/core/SafeText"
import { placeOf, type ScanFinding, type ScanReport } from "@keysweep/revocation/scan/ScanReport"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted } from "./Words.ts"

/** Where secrets are written down. `names`: what the keys of the account are called. */
export const scanText = (report: ScanReport, names: ReadonlyMap<KeyId, string>, style: Style, width: number): string =>
  [
    ...(report.findings.length === 0
      ? []
      : [
          table(
            [
              { title: "WHERE", shrinksTo: 24, wraps: true },
              { title: "WHAT" },
              { title: "NAME", shrinksTo: 8, drop: 1 },
              { title: "ID" }
            ],
            report.findings.map((it) => [
              { text: placeOf(it) },
              { text: what(it), paint: it.known ? style.red : style.yellow },
              { text: oneLine(it.key === null ? "" : (names.get(it.key) ?? ""), 60) },
              { text: it.key ?? "" }
            ]),
            width,
            style.bold
          ),
          ""
        ]),
    ...report.unscanned.map(({ path, reason }) =>
      style.yellow(`! Not searched: ${oneLine(path, 200) || "some files"} (${oneLine(reason)})`)
    ),
    verdict(report, style)
  ].join("\n")

const what = ({ kind, known, secret }: ScanFinding): string => {
  const coded = kind === "base64" ? " in base64" : ""
  switch (secret) {
    case "proxy-key":
      return `${known ? "proxy key" : "unknown proxy key"}${coded}`
    case "master-key":
      return `${known ? "the master key" : "a master key?"}${coded}`
    case "dev-key":
      return `a Coding Plan key?${coded}`
  }
}

const verdict = ({ blobs, complete, files, findings }: ScanReport, style: Style): string => {
  const searched = `${counted(files, "file")}${blobs === null ? "" : ` and ${counted(blobs, "older version")}`} searched`
  const known = findings.filter((it) => it.known).length
  if (findings.length > 0) {
    return `${counted(findings.length, "place")} with a secret, ${known} of them the account's own; ${searched}.`
  }
  return complete
    ? `${style.green("✓")} No secret found; ${searched}.`
    : `No secret found in what was searched (${searched}), which is not all.`
}
