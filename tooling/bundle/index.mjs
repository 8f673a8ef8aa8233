import { chmodSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import license from "rollup-plugin-license"

const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

export const program = (config, { executable, notices = false } = {}) => {
  const { version } = JSON.parse(readFileSync(new URL("package.json", config), "utf8"))
  const cwd = fileURLToPath(new URL(".", config))
  return {
    cwd,
    platform: "node",
    resolve: { alias: workspaceSources },
    transform: { define: { KEYSWEEP_VERSION: JSON.stringify(version) } },
    plugins: [...(executable === undefined ? [] : [makeExecutable(executable)]), ...(notices ? [noticesOf(cwd)] : [])]
  }
}

/**
 * An alias, not a plugin: a hook that resolves in JavaScript lets modules come in another order now and then, and the
 * bundle is then not the same twice (https://github.com/rolldown/rolldown/issues/10909).
 */
const workspaceSources = Object.fromEntries(
  readdirSync(packages).map((name) => [`@keysweep/${name}`, `${packages}${name}/src`])
)

const makeExecutable = (file) => ({
  name: "executable",
  writeBundle: ({ dir = "." }) => chmodSync(join(dir, file), 0o755)
})

/** Among the bundle's own files, so that it goes wherever they go. One configuration may be built more than once. */
const noticesOf = (cwd) => {
  let found
  let text = ""
  return {
    name: "notices",
    buildStart: () => {
      const output = (dependencies) => (text = noticesText(dependencies))
      found = license({ cwd, sourcemap: false, thirdParty: { multipleVersions: true, output } })
    },
    renderChunk: (code, chunk) => {
      found.renderChunk(code, chunk, { sourcemap: false })
      return null
    },
    generateBundle() {
      found.generateBundle()
      this.emitFile({ type: "asset", fileName: "THIRD-PARTY-NOTICES.txt", source: text })
    }
  }
}

const noticesText = (dependencies) =>
  dependencies
    .filter(({ name }) => !name.startsWith("@keysweep/") && name !== "keysweep")
    .map(({ license, licenseText, name, noticeText, version }) =>
      [`${name} ${version} (${license})`, licenseText, noticeText].filter(Boolean).join("\n\n").trim()
    )
    .sort()
    .join(`\n\n${"-".repeat(80)}\n\n`)
    .concat("\n")
