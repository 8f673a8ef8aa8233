import type { KeyId } from "@keysweep/core/ProxyKey"
import { noEffectTwice, noEffectWithoutRecord } from "./rules/effects.ts"
import { intentAndBackupFirst } from "./rules/first.ts"
import { logVerifies, noSecretInFiles, planUsedOnce } from "./rules/records.ts"
import { doneIsDone, onlyPlannedKeys } from "./rules/targets.ts"
import type { Scene } from "./Scene.ts"

/** What a rule found to be broken, in words. */
export type Rule = (scene: Scene) => ReadonlyArray<string>

/** By the number of the invariant in the design, section 5. */
const rules: ReadonlyArray<readonly [invariant: string, rule: Rule]> = [
  ["I1", intentAndBackupFirst],
  ["I2", onlyPlannedKeys],
  ["I6", noEffectWithoutRecord],
  ["I6", noEffectTwice],
  ["I8", noSecretInFiles],
  ["I10", doneIsDone],
  ["I11", planUsedOnce],
  ["log", logVerifies]
]

/** Which invariants a scene breaks, and where. Nothing is an empty list. */
export const problemsOf = (scene: Scene): ReadonlyArray<string> =>
  rules.flatMap(([invariant, rule]) => rule(scene).map((problem) => `${invariant}: ${problem}`))

export const nameIn = ({ after, before }: Scene, id: KeyId): string => (before.get(id) ?? after.get(id))?.name ?? id
