import { type Group, group, leaf } from "./Tree.ts"

const commands = group(
  "keysweep",
  "Take Electron Hub proxy keys out of service safely: plan, back up, confirm, revoke, prove.",
  leaf("list", "Show every key of the account: state, credit, last use, id. Reads only.", () =>
    import("./commands/look/list.ts").then((it) => it.list)
  ),
  leaf("show", "Show all that is known of one key. Reads only.", () =>
    import("./commands/look/show.ts").then((it) => it.show)
  ),
  leaf("audit", "Show what is risky or odd about the keys, worst first. Reads only.", () =>
    import("./commands/look/audit.ts").then((it) => it.audit)
  ),
  leaf("scan", "Find where the account's keys are written down.", () =>
    import("./commands/look/scan.ts").then((it) => it.scan)
  ),
  leaf("observe", "Watch for a while which keys are used. Reads only.", () =>
    import("./commands/look/observe.ts").then((it) => it.observe)
  ),
  leaf("check", "Ask with a key itself whether it works. Needs no master key.", () =>
    import("./commands/look/check.ts").then((it) => it.check)
  ),
  leaf("doctor", "Check everything that a run would need. Reads only.", () =>
    import("./commands/look/doctor.ts").then((it) => it.doctor)
  ),
  group(
    "plan",
    "Save a plan to act on keys. Changes nothing.",
    leaf("delete", "Plan to delete keys.", () => import("./commands/plan/make.ts").then((it) => it.planDelete)),
    leaf("delete-all", "Plan to delete every key of the account.", () =>
      import("./commands/plan/make.ts").then((it) => it.planDeleteAll)
    ),
    leaf("disable", "Plan to switch keys off.", () => import("./commands/plan/make.ts").then((it) => it.planDisable)),
    leaf("enable", "Plan to switch keys on again.", () =>
      import("./commands/plan/make.ts").then((it) => it.planEnable)
    ),
    leaf("contain", "Plan to narrow what keys may do.", () =>
      import("./commands/plan/make.ts").then((it) => it.planContain)
    ),
    leaf("recreate", "Plan to make new keys with the settings of deleted ones.", () =>
      import("./commands/act/replace.ts").then((it) => it.planRecreate)
    ),
    leaf("rotate", "Plan to give keys new values.", () =>
      import("./commands/act/replace.ts").then((it) => it.planRotate)
    ),
    leaf("show", "Show a saved plan.", () => import("./commands/plan/show.ts").then((it) => it.planShow))
  ),
  leaf("apply", "Carry out a saved plan, once.", () => import("./commands/act/apply.ts").then((it) => it.apply)),
  leaf("disable", "Switch keys off. They can be enabled again.", () =>
    import("./commands/act/disable.ts").then((it) => it.disable)
  ),
  leaf("enable", "Switch disabled keys on again.", () => import("./commands/act/enable.ts").then((it) => it.enable)),
  leaf("contain", "Narrow what keys may do: from where, which models, until when, how much.", () =>
    import("./commands/act/contain.ts").then((it) => it.contain)
  ),
  leaf("delete", "Delete keys for good, after a typed confirmation.", () =>
    import("./commands/act/delete.ts").then((it) => it.deleteKeys)
  ),
  leaf("delete-all", "Delete every key of the account for good, after a typed confirmation.", () =>
    import("./commands/act/deleteAll.ts").then((it) => it.deleteAll)
  ),
  leaf("hold", "Object: nothing held is run until the hold is lifted.", () =>
    import("./commands/act/hold.ts").then((it) => it.hold)
  ),
  leaf("approve", "Approve somebody else's plan. A terminal cannot: it says who can.", () =>
    import("./commands/act/approve.ts").then((it) => it.approve)
  ),
  leaf("panic", "Bring every key of the account to a stop, at once.", () =>
    import("./commands/act/panic.ts").then((it) => it.panic)
  ),
  group(
    "master-key",
    "The account's master key.",
    leaf("regenerate", "Replace the master key; the new one goes where you say. Once an hour.", () =>
      import("./commands/act/masterKey.ts").then((it) => it.masterKeyRegenerate)
    )
  ),
  leaf("rotate", "Give keys new values, and put them where applications find them.", () =>
    import("./commands/act/replace.ts").then((it) => it.rotate)
  ),
  leaf("recreate", "Make new keys with the settings of deleted ones. New values.", () =>
    import("./commands/act/replace.ts").then((it) => it.recreate)
  ),
  leaf("resume", "Go on with a run that was interrupted.", () =>
    import("./commands/act/resume.ts").then((it) => it.resume)
  ),
  leaf("undo", "Take a run back: enable what it disabled, give back what it narrowed.", () =>
    import("./commands/act/undo.ts").then((it) => it.undo)
  ),
  leaf("run-due", "Delete the keys whose soak is over, and watch those that soak.", () =>
    import("./commands/act/runDue.ts").then((it) => it.runDue)
  ),
  group(
    "runs",
    "What was carried out.",
    leaf("list", "Show the runs of the account, and which are unfinished.", () =>
      import("./commands/runs/list.ts").then((it) => it.runsList)
    ),
    leaf("show", "Show one run, record by record.", () => import("./commands/runs/show.ts").then((it) => it.runsShow))
  ),
  group(
    "backup",
    "The settings of keys as they were before each run.",
    leaf("create", "Back up the settings of every key now.", () =>
      import("./commands/backup/create.ts").then((it) => it.backupCreate)
    ),
    leaf("list", "Show the backups of the account.", () =>
      import("./commands/backup/list.ts").then((it) => it.backupList)
    ),
    leaf("show", "Open a backup and show the settings in it.", () =>
      import("./commands/backup/show.ts").then((it) => it.backupShow)
    ),
    leaf("prune", "Remove old backups for good.", () =>
      import("./commands/backup/prune.ts").then((it) => it.backupPrune)
    ),
    leaf("verify", "Check that backups are whole and open.", () =>
      import("./commands/backup/verify.ts").then((it) => it.backupVerify)
    )
  ),
  group(
    "log",
    "The record of everything that was done.",
    leaf("show", "Show what was done on the account.", () => import("./commands/log/show.ts").then((it) => it.logShow)),
    leaf("find", "Show what happened to a key that you have the value of.", () =>
      import("./commands/log/find.ts").then((it) => it.logFind)
    ),
    leaf("export", "Export the log as one file that verifies anywhere.", () =>
      import("./commands/log/export.ts").then((it) => it.logExport)
    ),
    leaf("verify", "Check the log from its first record to its signed last.", () =>
      import("./commands/log/verify.ts").then((it) => it.logVerify)
    )
  ),
  group(
    "config",
    "The settings file, keysweep.yaml.",
    leaf("check", "Check a settings file, and name every mistake.", () =>
      import("./commands/config/check.ts").then((it) => it.configCheck)
    )
  ),
  group(
    "policy",
    "What the settings mean for keys.",
    leaf("test", "Show what the settings say of each key of a saved inventory.", () =>
      import("./commands/policy/test.ts").then((it) => it.policyTestVerb)
    )
  ),
  leaf("init", "Write strict settings to begin with.", () => import("./commands/learn/init.ts").then((it) => it.init)),
  leaf("completion", "Make a shell complete commands, options and names of keys.", () =>
    import("./commands/learn/completion.ts").then((it) => it.completion)
  ),
  leaf("demo", "Watch a careful clean-up from list to proof, on an emulator. Needs no account.", () =>
    import("./commands/learn/demo.ts").then((it) => it.demo)
  ),
  leaf("emulator", "Serve the Electron Hub API on this machine, to try things out on.", () =>
    import("./commands/learn/emulator.ts").then((it) => it.emulator)
  )
)

/** The commands, in the order in which help shows them. */
export const root: Group = {
  ...commands,
  notes: [
    [
      "Begin",
      [
        ["keysweep demo", "Needs no account and changes nothing of yours."],
        ["keysweep list", "Your own account, once ELECTRONHUB_API_KEY is set. Reads only."]
      ]
    ],
    ["More", [["keysweep help TOPIC", "selection (how keys are chosen), outcomes, files, environment."]]],
    [
      "Environment",
      [
        ["ELECTRONHUB_API_KEY", "The account's master key (ek-…). Never an argument."],
        ["ELECTRONHUB_BASE_URL", "Another address of the API: https, or http on this machine."],
        ["KEYSWEEP_HOME", "Log, backups and plans. The state folder of the system otherwise."],
        ["KEYSWEEP_CONFIG", "The settings. keysweep.yaml in the home folder otherwise."]
      ]
    ],
    [
      "Exit codes",
      [
        ["0", "Done and proven, or nothing to do."],
        ["1", "Failed, done in part, or not proven."],
        ["2", "Refused: not understood, no target, not confirmed. Nothing was changed."],
        ["3, 4", "A check blocks; the plan no longer fits. Nothing was changed."],
        ["5, 6, 7", "The upstream refuses the key; a limit or another run is in the way; log or backup not available."],
        ["8", "Findings at or above --fail-on."],
        ["130", "Interrupted; keysweep resume goes on."]
      ]
    ]
  ]
}
