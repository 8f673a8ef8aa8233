/**
 * Plays sessions at a terminal of tmux, against the emulator, and writes what the terminal showed to docs/sessions.md. Needs
 * tmux and the bundle of the command line: `npx -y pnpm@10.34.8 record`.
 */
import { execFileSync, spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir, userInfo, hostname } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const program = join(root, "apps/cli/dist/keysweep.mjs")

/** `type` a line, wait until the prompt is back or `until` is on the screen; `{1}` is what `until` found last. */
const sessions = [
  {
    title: "First run",
    about: "Without a key it says what is missing. Nothing else has to be set up before a command that only reads.",
    rpm: 1000,
    steps: [
      { type: "unset ELECTRONHUB_API_KEY; clear", quiet: true },
      { type: "keysweep list" },
      { type: ". ./account.sh   # export ELECTRONHUB_API_KEY=…" },
      { type: "keysweep list" }
    ]
  },
  {
    title: "Audit",
    about: "What is risky or odd, worst first.",
    rpm: 1000,
    steps: [{ type: "keysweep audit" }]
  },
  {
    title: "A deletion with its confirmation",
    about: "The plan, the words that are bound to it, and the receipt.",
    rpm: 1000,
    steps: [
      {
        type: "keysweep delete --name 'hackathon-*' --name 'mara*' --reason 'the contract has ended'",
        until: /(delete 2 acct_[a-z2-7]{16}) to go on:/
      },
      { type: "{1}" }
    ]
  },
  {
    title: "A refusal",
    about: "Nothing never means everything, and a wrong answer is no answer.",
    rpm: 1000,
    steps: [
      { type: "keysweep delete --reason 'clean-up'" },
      { type: "keysweep delete --key staging --reason 'clean-up'", until: /to go on: $/ },
      { type: "yes", until: /attempt 2[\s\S]*to go on: $/ },
      { type: "y", until: /attempt 3[\s\S]*to go on: $/ },
      { type: "ok" }
    ]
  },
  {
    title: "A run that is paced",
    about:
      "Five requests a minute, one of them left to others: the table is drawn over itself until the run has ended.",
    rpm: 5,
    steps: [
      { type: "keysweep disable --all --reason 'the project is over'", until: /\[y\/N\] $/ },
      { type: "y", until: /Disabling [3-9][\s\S]*waiting \d+ s for/, snapshot: true },
      { until: /\$ $/ }
    ]
  },
  {
    title: "A run that is interrupted and resumed",
    about: "Ctrl-C ends it when the requests under way are answered and recorded; nothing is done twice.",
    rpm: 5,
    steps: [
      { type: "keysweep disable --all --reason 'the project is over'", until: /\[y\/N\] $/ },
      { type: "y", until: /Disabling [3-9][\s\S]*waiting \d+ s for/ },
      { keys: "C-c" },
      { type: "keysweep resume" }
    ]
  },
  {
    title: "Panic",
    about: "Every key of the account, at once; both ways with their time, and disabling can be taken back.",
    rpm: 1000,
    steps: [
      {
        type: "keysweep panic --reason 'the master key has leaked'",
        until: /(panic disable \d+ acct_[a-z2-7]{16})[\s\S]*to go on: $/
      },
      { type: "{1}" }
    ]
  }
]

const tmux = (...words) => execFileSync("tmux", ["-L", socket, "-f", "/dev/null", ...words], { encoding: "utf8" })
const socket = `keysweep-${process.pid}`
const folder = mkdtempSync(join(tmpdir(), "ks-"))

/** Starts an emulator with the same keys each time, and gives its address. */
const emulate = async (rpm) => {
  const words = [
    "emulator",
    "--port",
    "0",
    "--json",
    "--seed-secret",
    "sessions",
    "--time-scale",
    "12",
    "--rpm",
    String(rpm)
  ]
  const child = spawn(process.execPath, [program, ...words], { stdio: ["ignore", "pipe", "inherit"] })
  const line = await new Promise((resolve) => createInterface({ input: child.stdout }).once("line", resolve))
  return { ...JSON.parse(line), stop: () => child.kill("SIGTERM") }
}

const record = async ({ rpm, steps }, number) => {
  const { apiKey, stop, url } = await emulate(rpm)
  const here = join(folder, String(number))
  mkdirSync(join(here, "bin"), { recursive: true })
  writeFileSync(join(here, "bin/keysweep"), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`)
  chmodSync(join(here, "bin/keysweep"), 0o755)
  writeFileSync(join(here, "account.sh"), `export ELECTRONHUB_API_KEY=${apiKey}\n`)
  writeFileSync(
    join(here, "env.sh"),
    `. ./account.sh; export PATH="$PWD/bin:$PATH" HOME="$PWD" ELECTRONHUB_BASE_URL=${url} KEYSWEEP_TIME_SCALE=12 PS1='$ '; unset XDG_STATE_HOME KEYSWEEP_HOME KEYSWEEP_CONFIG; clear\n`
  )
  tmux("new-session", "-d", "-s", "one", "-x", "100", "-y", "60", "-c", here, "bash", "--norc")
  const screen = () => tmux("capture-pane", "-p", "-J", "-t", "one").trimEnd()
  const shows = async (pattern) => {
    for (let tries = 0; tries < 1200; tries++) {
      const found = pattern.exec(screen().replace(/(\$|:|\])$/, "$1 "))
      if (found !== null) return found
      await sleep(100)
    }
    throw new Error(`never shown: ${pattern}\n${screen()}`)
  }
  const kept = []
  let found = ["", ""]
  try {
    tmux("send-keys", "-t", "one", ". ./env.sh", "Enter")
    await shows(/^\$ $/)
    for (const { keys, quiet, snapshot, type, until } of steps) {
      if (type !== undefined) {
        tmux("send-keys", "-t", "one", "-l", type.replace("{1}", found[1]))
        tmux("send-keys", "-t", "one", "Enter")
      }
      if (keys !== undefined) tmux("send-keys", "-t", "one", keys)
      await sleep(300)
      found = await shows(quiet === true ? /^\$ $/ : (until ?? /\n\$ $/))
      if (snapshot === true) kept.push(screen())
    }
    kept.push(screen().replace(/\n\$$/, ""))
    return withoutRepetition(kept.map(tidied(here)))
  } finally {
    tmux("kill-server")
    stop()
  }
}

/** A later screen begins with the last line that it shares with the first. */
const withoutRepetition = ([first, ...others]) => [
  first,
  ...others.map((text) => {
    const lines = text.split("\n")
    const before = first.split("\n")
    const differs = lines.findIndex((line, at) => line !== before[at])
    return lines.slice(Math.max(0, differs - 1)).join("\n")
  })
]

/** Nothing of this machine and of this hour, so that the page differs only where the program does. */
const tidied = (here) => {
  const names = new Map()
  const stable = (text, length) => {
    if (!names.has(text)) names.set(text, createHash("sha256").update(String(names.size)).digest("hex"))
    return names.get(text).slice(0, length)
  }
  return (text) =>
    text
      .replaceAll(here, "~")
      .replaceAll(`os:${userInfo().username}`, "os:you")
      .replaceAll(` on ${hostname()}`, " on laptop")
      .replaceAll(/\b[0-9a-f]{64}\b/g, (hash) => stable(hash, 64))
      .replaceAll(
        /\b(run|bk)_([a-z0-9]+_[a-z0-9]+)\b/g,
        (_, kind, id) => `${kind}_0mw${stable(id, 6)}_${stable(id, 10)}`
      )
      .replaceAll(
        /\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d(\.\d+)?Z)?/g,
        (_, between, rest) => `2026-01-15${between}09:30${rest === undefined ? "" : ":00.000Z"}`
      )
      .replaceAll(/, in \d+ s\./g, ", in 2 s.")
      .split("\n")
      .map((line) => line.trimEnd())
      .join("\n")
}

const parts = []
try {
  for (const [number, session] of sessions.entries()) {
    const screens = await record(session, number)
    parts.push(
      [`## ${session.title}`, session.about, ...screens.map((text) => `\`\`\`text\n${text}\n\`\`\``)].join("\n\n")
    )
    process.stdout.write(`${session.title}\n`)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}
const head = `# Sessions at a terminal

Recorded by \`npx -y pnpm@10.34.8 record\` on an emulated account whose clock runs twelve times as fast; times, hashes and
ids of runs are replaced by others. Colours are left out.`
writeFileSync(join(root, "docs/sessions.md"), `${[head, ...parts].join("\n\n")}\n`)
