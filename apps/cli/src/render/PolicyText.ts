import { oneLine } from "@keysweep/core/SafeText"
import type { PolicyReport } from "@keysweep/revocation/PolicyTest"
import type { Style } from "./Style.ts"
import { table } from "./Table.ts"
import { counted } from "./Words.ts"

/** Which rules of the settings touch which key. */
export const policyText = ({ keys }: PolicyReport, style: Style, width: number): string => {
  const guarded = keys.filter((key) => key.protected !== null).length
  const owned = keys.filter(({ owner }) => owner !== null).length
  return [
    ...(keys.length === 0
      ? []
      : [
          table(
            [
              { title: "NAME", shrinksTo: 8 },
              { title: "PROTECTED", shrinksTo: 12 },
              { title: "OWNER", shrinksTo: 8 },
              { title: "CRITICALITY", drop: 2 },
              { title: "AUTOMATIC", drop: 1 },
              { title: "ID" }
            ],
            keys.map((key) => [
              { text: oneLine(key.name, 60) },
              { text: key.protected === null ? "" : oneLine(key.protected, 60) || "yes", paint: style.green },
              { text: oneLine(key.owner ?? "", 40) },
              { text: key.criticality ?? "" },
              { text: key.automatic.join(", "), paint: style.yellow },
              { text: key.id }
            ]),
            width,
            style.bold
          ),
          ""
        ]),
    `${counted(keys.length, "key")}: ${guarded} protected, ${owned} with an owner, ${keys.filter(({ automatic }) => automatic.length > 0).length} of an automatic class.`
  ].join("\n")
}
