import { chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import license from "rollup-plugin-license"

const packages = fileURLToPath(new URL("../../packages/", import.meta.url))

export const program = (config, { executable, notices } = {}) => {
  const { version } = JSON.parse(readFileSync(new URL("package.json", config), "utf8"))
  const cwd = fileURLToPath(new URL(".", config))
  return {
    cwd,
    platform: "node",
    transform: { define: { KEYSWEEP_VERSION: JSON.stringify(version) } },
    plugins: [
      workspaceSources,
      ...(executable === undefined ? [] : [makeExecutable(executable)]),
      ...(notices === undefined ? [] : [noticesOf(cwd, notices)])
    ]
  }
}

const workspaceSources = {
  name: "workspace-sources",
  resolveId: {
    filter: { id: /^@keysweep\// },
    handler(id) {
      const [, name, ...file] = id.split("/")
      return `${packages}${name}/src/${file.join("/")}.ts`
    }
  }
}

const makeExecutable = (file) => ({
  name: "executable",
  writeBundle: ({ dir = "." }) => chmodSync(join(dir, file), 0o755)
})

const noticesOf = (cwd, name) =>
  license({ cwd, thirdParty: { multipleVersions: true, output: { file: join(cwd, name), template: noticesText } } })

const noticesText = (dependencies) =>
  dependencies
    .filter(({ name }) => !name.startsWith("@keysweep/") && name !== "keysweep")
    .map(({ license, licenseText, name, noticeText, version }) =>
      [`${name} ${version} (${license})`, licenseText, noticeText].filter(Boolean).join("\n\n").trim()
    )
    .sort()
    .join(`\n\n${"-".repeat(80)}\n\n`)
    .concat("\n")
