import { DateTime } from "effect"
import {
  type Planted,
  after,
  both,
  doubledStart,
  each,
  keyNamed,
  records,
  requests,
  without,
  worked
} from "./planting.ts"

/** Violations by runs that act on keys that are there. */
export const plantedInRuns: ReadonlyArray<Planted> = [
  ["a write without an intent", "delete path", without("CallIntended"), /^I1: .*remove of api.*no intent before it/m],
  [
    "a write without an intent, in the dialect that names no key",
    "delete static",
    without("CallIntended"),
    /^I1: .*no intent/m
  ],
  [
    "an intent that came after its write",
    "disable path",
    each((it) => (it.event._tag === "CallIntended" ? { ...it, at: DateTime.addDuration(it.at, "1 hour") } : it)),
    /^I1: .*no intent before it/m
  ],
  [
    "one intent for two writes",
    "delete-all path",
    requests((all) => all.flatMap((it) => (it.call === "delete-all" ? [it, it] : [it]))),
    /^I1: .*delete-all.*no intent/m
  ],
  [
    "a write without a backup",
    "disable path",
    without("BackupTaken"),
    /^I1: no backup on record before the toggle of api/m
  ],
  [
    "a backup that was taken after the intent",
    "delete-all path",
    each((it) => (it.event._tag === "BackupTaken" ? { ...it, seq: 999 } : it)),
    /^I1: no backup on record before the delete-all/m
  ],
  [
    "a backup that does not open",
    "delete path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, keys: null })) }),
    /^I1: no backup that opens/m
  ],
  [
    "a backup that is not the one on record",
    "panic-delete path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, sha256: "0" })) }),
    /^I1: no backup that opens/m
  ],
  [
    "a backup of other settings",
    "enable path",
    (scene) => ({ ...scene, backups: scene.backups.map((it) => ({ ...it, keys: [...scene.after.values()] })) }),
    /^I1: the backup .* does not hold its settings/m
  ],
  [
    "an intent for a key that is not in the plan",
    "disable static",
    each((it) =>
      it.event._tag === "RunStarted" ? { ...it, event: { ...it.event, keys: it.event.keys.slice(1) } } : it
    ),
    /^I2: the toggle of .* is not in its plan/m
  ],
  [
    "a request for a key that nobody planned",
    "disable path",
    (scene) => requests((all) => [...all, { ...worked, key: keyNamed(scene, "kept") }])(scene),
    /^I2: a toggle of kept was sent/m
  ],
  ["a change of a key that nobody planned", "delete static", after("kept", () => null), /^I2: kept has changed/m],
  [
    "a delete-all after a look that showed a newcomer",
    "delete-all path",
    requests((all) => [{ ...worked, by: "somebody", call: "create" }, ...all]),
    /^I2: a delete-all was sent after a look/m
  ],
  [
    "a deletion that the log does not know",
    "delete path",
    both(
      without("CallIntended"),
      requests(() => [])
    ),
    /^I6: api is gone, and the log does not say so/m
  ],
  [
    "an effect whose call the log calls undone",
    "disable static",
    each((it) =>
      it.event._tag === "CallSettled" ? { ...it, event: { ...it.event, outcome: { result: "undone" } } } : it
    ),
    /^I6: api is disabled, and the log does not say so/m
  ],
  [
    "a call that was never settled",
    "delete-all path",
    without("CallSettled"),
    /^I6: the delete-all of .* was never settled/m
  ],
  [
    "a deleted key whose retirement is not on record",
    "panic-delete static",
    without("KeyRetired"),
    /^I6: .*retirement is not on record/m
  ],
  [
    "a key that was flipped twice",
    "enable path",
    requests((all) => all.flatMap((it) => (it.call === "toggle" ? [it, it] : [it]))),
    /^I6: old api was hit by 2 calls toggle/m
  ],
  [
    "more flips than planned keys, in the dialect that names no key",
    "enable static",
    requests((all) => [...all, worked]),
    /^I6: 4 calls toggle worked for 3 planned keys/m
  ],
  [
    "a run that deletes everything twice",
    "delete-all static",
    records((all) => all.flatMap((it) => (it.event._tag === "CallIntended" ? [it, it] : [it]))),
    /^I6: .* deleted everything 2 times/m
  ],
  [
    "a proxy key in a file",
    "delete path",
    (scene) => ({ ...scene, files: [...scene.files, { path: "x", text: `key: ${scene.secrets[1]}` }] }),
    /^I8: x holds a secret/m
  ],
  [
    "the master key in a file",
    "disable path",
    (scene) => ({ ...scene, files: [...scene.files, { path: "x", text: `key: ${scene.secrets[0]}` }] }),
    /^I8: x holds a secret/m
  ],
  [
    "a deleted key that is still there",
    "delete static",
    after("api", (key) => key),
    /^I10: api is called done and is not/m
  ],
  [
    "a disabled key that works",
    "panic-disable path",
    after("kept", (key) => key),
    /^I10: kept is called done and is not/m
  ],
  [
    "an enabled key that does not work",
    "enable static",
    after("old api", (key) => key),
    /^I10: old api is called done/m
  ],
  [
    "a run that is called done with a key that failed",
    "delete path",
    each((it) =>
      it.event._tag === "RunFinished"
        ? { ...it, event: { ...it.event, keys: it.event.keys.map(({ id }) => ({ id, outcome: "failed" })) } }
        : it
    ),
    /^I10: .* is called done with 3 keys that are not/m
  ],
  ["a plan that was used twice", "delete path", doubledStart({}), /^I11: plan .* began 2 runs/m],
  [
    "a log that does not verify",
    "enable path",
    (scene) => ({ ...scene, verification: { ok: false, seq: 3, problem: "edited", detail: "it was edited" } }),
    /^log: record 3: edited/m
  ],
  ["records without a log", "enable path", (scene) => ({ ...scene, verification: null }), /^log: there are records/m]
]
