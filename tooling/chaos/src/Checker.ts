import type { KeyId } from "@keysweep/core/ProxyKey"
import { noEffectTwice, noEffectWithoutRecord } from "./rules/effects.ts"
import { intentAndBackupFirst } from "./rules/first.ts"
import { logVerifies, noSecretInFiles, planUsedOnce } from "./rules/records.ts"
import { doneIsDone, onlyPlannedKeys } from "./rules/targets.ts"
import {
  creditConserved,
  deliveredIsThere,
  masterKeyRenewedOnce,
  noValueLost,
  oldKeysLast,
  oneNewKeyEach
} from "./rules/values.ts"
import type { Scene } from "./Scene.ts"

/** What a rule found to be broken, in words. */
export type Rule = (scene: Scene) => ReadonlyArray<string>

interface Judging {
  /** The number of the invariant in the design, section 5; or what it is about. */
  readonly invariant: string
  readonly rule: Rule
  /** `always`: also between a death and its resume. */
  readonly when: "always" | "ended"
}

const rules: ReadonlyArray<Judging> = [
  { invariant: "I1", rule: intentAndBackupFirst, when: "always" },
  { invariant: "I2", rule: onlyPlannedKeys, when: "always" },
  { invariant: "I6", rule: noEffectWithoutRecord, when: "ended" },
  { invariant: "I6", rule: noEffectTwice, when: "always" },
  { invariant: "I6", rule: oneNewKeyEach, when: "ended" },
  { invariant: "I6", rule: masterKeyRenewedOnce, when: "ended" },
  { invariant: "I8", rule: noSecretInFiles, when: "always" },
  { invariant: "I10", rule: doneIsDone, when: "ended" },
  { invariant: "I11", rule: planUsedOnce, when: "ended" },
  { invariant: "value", rule: deliveredIsThere, when: "always" },
  { invariant: "value", rule: oldKeysLast, when: "always" },
  { invariant: "value", rule: noValueLost, when: "ended" },
  { invariant: "credit", rule: creditConserved, when: "always" },
  { invariant: "log", rule: logVerifies, when: "ended" }
]

const judged = (scene: Scene, by: ReadonlyArray<Judging>) =>
  by.flatMap(({ invariant, rule }) => rule(scene).map((problem) => `${invariant}: ${problem}`))

/** Which invariants a scene breaks, and where. Nothing is an empty list. */
export const problemsOf = (scene: Scene): ReadonlyArray<string> => judged(scene, rules)

/** The same of a scene in which a process has just died. */
export const problemsAtDeath = (scene: Scene): ReadonlyArray<string> =>
  judged(
    scene,
    rules.filter(({ when }) => when === "always")
  )

export const nameIn = ({ after, before }: Scene, id: KeyId): string => (before.get(id) ?? after.get(id))?.name ?? id
