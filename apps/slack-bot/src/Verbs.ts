import { nearest } from "@keysweep/revocation/Suggest"

/** One word behind `/keysweep`, as its help tells it. */
export interface Verb {
  readonly name: string
  readonly group: "Look" | "Act" | "Decide"
  /** What stands behind the word. */
  readonly takes: string
  readonly about: string
  readonly example: string
}

export const verbs: ReadonlyArray<Verb> = [
  { name: "list", group: "Look", takes: "", about: "every key of the account", example: "list" },
  { name: "show", group: "Look", takes: "KEY", about: "all that is known of one key", example: "show staging" },
  { name: "audit", group: "Look", takes: "", about: "what is risky or odd, worst first", example: "audit" },
  { name: "runs", group: "Look", takes: "[RUN]", about: "what was run, and what soaks", example: "runs" },
  { name: "log", group: "Look", takes: "[verify [ANCHOR]]", about: "the record of it all", example: "log verify" },
  {
    name: "disable",
    group: "Act",
    takes: "WHICH [then-delete [after:30d]]",
    about:
      "stops keys; enable takes it back; with then-delete they go after that time, unless somebody is seen to miss them",
    example: 'disable name:ci-* reason:"old runner"'
  },
  {
    name: "enable",
    group: "Act",
    takes: "WHICH",
    about: "lets disabled keys work again",
    example: "enable key:staging"
  },
  {
    name: "contain",
    group: "Act",
    takes: "WHICH addresses:… models:… expires:… budget:… [limit:daily]",
    about: "narrows what keys may do",
    example: "contain key:staging addresses:10.0.0.0/8 limit:monthly"
  },
  {
    name: "delete",
    group: "Act",
    takes: "WHICH",
    about: "deletes keys, for good",
    example: 'delete disabled idle:90d reason:"nobody uses them"'
  },
  {
    name: "delete-all",
    group: "Act",
    takes: "",
    about: "deletes every key of the account, for good",
    example: 'delete-all reason:"end of the project"'
  },
  {
    name: "panic",
    group: "Act",
    takes: "",
    about: "brings every key to a stop, the fastest way; asks nobody else",
    example: 'panic reason:"the master key leaked"'
  },
  {
    name: "undo",
    group: "Act",
    takes: "RUN",
    about: "takes a run back, and ends the soak of its keys",
    example: "undo run_…"
  },
  { name: "resume", group: "Act", takes: "[RUN]", about: "goes on with a run that was cut off", example: "resume" },
  {
    name: "plan",
    group: "Act",
    takes: "ACTION WHICH",
    about: "the same as the action alone: each begins with a plan",
    example: "plan delete expired"
  },
  {
    name: "approve",
    group: "Decide",
    takes: "[PLAN]",
    about: "your yes to somebody else's plan, as its button; alone: what waits",
    example: "approve 9465edcfc6f5"
  },
  {
    name: "hold",
    group: "Decide",
    takes: "key:… | plan:… | account",
    about: "objects: nothing held is run",
    example: 'hold key:staging reason:"in use until Friday"'
  },
  {
    name: "release",
    group: "Decide",
    takes: "key:… | plan:… | account",
    about: "lifts a hold",
    example: 'release key:staging reason:"moved"'
  }
]

/** What is not done from Slack: why, and the command that does it. */
const elsewhere: Readonly<Record<string, readonly [why: string, command: string]>> = {
  recreate: ["A new value goes to its place, never through a message", "keysweep recreate --from bk_… --all --sink …"],
  rotate: ["A new value goes to its place, never through a message", "keysweep rotate --key … --sink …"],
  "master-key": ["A new value goes to its place, never through a message", "keysweep master-key regenerate --sink …"],
  scan: ["It reads files of your machine", "keysweep scan"],
  check: ["It takes the value of a key", "keysweep check"],
  observe: ["It watches for hours", "keysweep observe --for 2h"],
  backup: ["A backup is made before every run; to look at them", "keysweep backup list"],
  doctor: ["It looks at the machine", "keysweep doctor"],
  config: ["The settings are a file of the machine", "keysweep config check"],
  policy: ["The settings are a file of the machine", "keysweep policy test"],
  init: ["The settings are a file of the machine", "keysweep init"],
  apply: ["A plan of Slack is carried out by its buttons; one in a file", "keysweep apply FILE"],
  "run-due": ["The bot does it by itself; by hand", "keysweep run-due"],
  demo: ["It plays on a terminal", "keysweep demo"],
  emulator: ["It serves on your machine", "keysweep emulator"]
}

/** Why a verb of the command line is not one here, with the line to type; nothing where it is none there either. */
export const elsewhereText = (verb: string): string | null => {
  const [why, command] = Object.hasOwn(elsewhere, verb) ? (elsewhere[verb] ?? []) : []
  return why === undefined ? null : `${verb} is not done from Slack. ${why}: ${command}`
}

/** What was meant by a word that is none. */
export const unknownVerb = (typed: string): string => {
  const meant = nearest(typed, [...verbs.map(({ name }) => name), ...Object.keys(elsewhere), "help"])
  return `I do not know ${typed}.${meant === undefined ? "" : ` Did you mean ${meant}?`} /keysweep help says what I know.`
}
