export { default } from "@keysweep/vitest-config"
