import Foundation
import RegistryTestSupport
import TestSupport
import Testing

@Suite(.enabled(if: RegistryServer.isInstalled)) struct RegistryCommandTests {
    /// The user `me` with the password `s3cret`.
    private static let passwords = "me:$2b$04$OwclWYPGQm5dZwjfd0lrMOT92Ze3b8IFgzSZwcTbiK/1vTxY3.PFe"

    @Test func logsInPushesAndPulls() async throws {
        let server = try RegistryServer(passwords: Self.passwords)
        defer { server.end() }
        let directory = try TemporaryFolder()
        let environment = ["HOME": directory.path, "TMPDIR": directory.path]
        func swirl(_ arguments: String...) async -> CommandRun {
            await CommandRun.run(arguments, in: directory.path, environment: environment)
        }
        try directory.write("hello.wasm", "wasm")
        try directory.write("data/small.txt", "hi")
        try directory.write("data/large.txt", String(repeating: "x", count: 1000))
        try directory.write("spin.toml", TemporaryFolder.manifest + "files = [\"data/*\"]\n")
        let image = "\(server.name)/me/app:1"

        let refused = await swirl("registry", "push", "-k", image)
        #expect(refused.exitCode == 1)
        #expect(refused.error.contains("gives no access to"), "\(refused.error)")
        #expect(refused.error.contains("hint: log in: `swirl registry login \(server.name)`"), "\(refused.error)")

        let wrong = await swirl("registry", "login", "-k", "-u", "me", "-p", "wr0ng", server.name)
        #expect(wrong.exitCode == 1)
        #expect(wrong.error.contains("with the credentials in this login: 401"), "\(wrong.error)")
        #expect(!wrong.error.contains("wr0ng"))
        let login = await swirl("registry", "login", "-k", "-u", "me", "-p", "s3cret", server.name)
        let file = "\(directory.path)/.config/fermyon/registry-auth.json"
        #expect(login.output == "Successfully logged in as me to registry \(server.name) (\(file))\n", "\(login.error)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)

        let pushed = await swirl("registry", "push", "-k", image)
        #expect(pushed.output.hasPrefix("Pushed with digest sha256:"), "\(pushed.error)")
        let pulled = await swirl("registry", "pull", "-k", image)
        #expect(pulled.output == "Successfully pulled the app from the registry\n", "\(pulled.error)")

        // As far as the component, which is none.
        let run = await swirl("up", "-k", "-f", image, "--temp", "work")
        #expect(run.error.contains("it is not WebAssembly"), "\(run.error)")
        #expect(directory.read("work/assets/hello/data/small.txt") == "hi")
        #expect(directory.read("work/assets/hello/data/large.txt")?.count == 1000)
        #expect(directory.read("work/spin.lock")?.contains("vnd.fermyon.origin-oci:\(image)") == true)
    }

    @Test func refusesMistakes() async throws {
        let directory = try TemporaryFolder()
        let run = await CommandRun.swirl("registry", "push", "ghcr.io/A", in: directory.path)
        #expect(run.exitCode == 2)
        #expect(run.error.contains("`ghcr.io/A` is no address of an image"), "\(run.error)")
        let login = await CommandRun.swirl("registry", "login", "-u", "me", "ghcr.io")
        #expect(login.error.contains("Give the password by --password-stdin"), "\(login.error)")
    }
}
