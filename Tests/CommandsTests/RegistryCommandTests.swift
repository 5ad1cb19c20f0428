import Commands
import Foundation
import RegistryTestSupport
import Synchronization
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
        try directory.write("hello.wat", "(component)")
        try directory.write("data/small.txt", "hi")
        try directory.write("data/large.txt", String(repeating: "x", count: 1000))
        try directory.write("spin.toml", Self.manifest + "files = [\"data/*\"]\n")
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
        #expect(pushed.error.contains("Uploading part 1 of "), "\(pushed.error)")
        let again = await swirl("registry", "push", "-k", image)
        #expect(!again.error.contains("Uploading part 1 of "), "it is there: \(again.error)")
        let pulled = await swirl("registry", "pull", "-k", image)
        #expect(pulled.output == "Successfully pulled the app from the registry\n", "\(pulled.error)")

        // As far as the component, which handles nothing.
        let run = await swirl("up", "-k", "-f", image, "--temp", "work")
        #expect(run.error.contains("it exports none of"), "\(run.error)")
        #expect(directory.read("work/assets/hello/data/small.txt") == "hi")
        #expect(directory.read("work/assets/hello/data/large.txt")?.count == 1000)
        #expect(directory.read("work/spin.lock")?.contains("vnd.fermyon.origin-oci:\(image)") == true)
    }

    @Test func refusesMistakes() async throws {
        let directory = try TemporaryFolder()
        let run = await CommandRun.swirl("registry", "push", "ghcr.io/A", in: directory.path)
        #expect(run.exitCode == 2)
        #expect(run.error.contains("`ghcr.io/A` is no address of an image"), "\(run.error)")
        let both = await CommandRun.swirl("registry", "login", "-u", "me", "-p", "x", "--password-stdin", "ghcr.io")
        #expect(
            both.error.contains("Give the password by --password-stdin or by --password, not both"), "\(both.error)")
        try directory.write("hello.wasm", "text")
        try directory.write("spin.toml", TemporaryFolder.manifest)
        let text = await CommandRun.run(
            ["registry", "push", "127.0.0.1:1/me/app:1"], in: directory.path, environment: ["HOME": directory.path])
        #expect(text.exitCode == 1)
        #expect(text.error.contains("it is not WebAssembly"), "\(text.error)")
    }

    private static let manifest = TemporaryFolder.manifest.replacingOccurrences(of: "hello.wasm", with: "hello.wat")

    /// A component and what it is composed of, pushed and got back.
    @Test(arguments: [true, false]) func composesDependencies(composes: Bool) async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let directory = try TemporaryFolder()
        func swirl(_ arguments: String...) async -> CommandRun {
            await CommandRun.run(
                arguments, in: directory.path, environment: ["HOME": directory.path, "TMPDIR": directory.path])
        }
        let function = """
            (core module $m (func (export "f"))) (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f"))) (instance $a (export "f" (func $f)))
            (export "a:b/c" (instance $a))
            """
        try directory.write("hello.wat", #"(component (import "a:b/c" (instance (export "f" (func)))))"#)
        try directory.write("inner.wat", "(component \(function))")
        try directory.write(
            "spin.toml", Self.manifest + "[component.hello.dependencies]\n\"a:b/c\" = { path = \"inner.wat\" }\n")
        let image = "\(server.name)/me/app:1"
        let pushed = await swirl("registry", "push", "-k", image, composes ? "--compose" : "--no-compose")
        guard composes else {
            // Other hosts read no text.
            #expect(pushed.error.contains("inner.wat`): assemble it first"), "\(pushed.error)")
            return
        }
        #expect(pushed.output.hasPrefix("Pushed with digest sha256:"), "\(pushed.error)")
        let run = await swirl("up", "-k", "-f", image, "--temp", "work")
        #expect(run.error.contains("it exports none of"), "\(run.error)")
        #expect(directory.read("work/spin.lock")?.contains("a:b/c") == false)
    }

    /// Files in packed parts, with names that a header of the archive has no room for.
    @Test func packsFiles() async throws {
        let server = try RegistryServer()
        defer { server.end() }
        let directory = try TemporaryFolder()
        func swirl(_ arguments: String...) async -> CommandRun {
            await CommandRun.run(
                arguments, in: directory.path,
                environment: [
                    "HOME": directory.path, "TMPDIR": directory.path, "SPIN_OCI_ARCHIVE_LAYERS": "1",
                ])
        }
        let long = String(repeating: "folder/", count: 20) + "file.txt"
        let large = (0..<40_000).map { "\($0 &* 2_654_435_761)\n" }.joined()
        try directory.write("hello.wat", "(component)")
        try directory.write("data/\(long)", large)
        try directory.write("data/empty.txt", "")
        try directory.write("data/block.txt", String(repeating: "x", count: 512))
        try directory.write("spin.toml", Self.manifest + "files = [{ source = \"data\", destination = \"/to\" }]\n")
        let image = "\(server.name)/me/app:1"
        let pushed = await swirl("registry", "push", "-k", image)
        #expect(pushed.output.hasPrefix("Pushed with digest sha256:"), "\(pushed.error)")
        _ = await swirl("up", "-k", "-f", image, "--temp", "work", "--cache-dir", "fresh")
        #expect(directory.read("work/assets/hello/to/\(long)") == large)
        #expect(directory.read("work/assets/hello/to/empty.txt") == "")
        #expect(directory.read("work/assets/hello/to/block.txt")?.count == 512)
    }

    // MARK: - Login

    @Test func asksAtTheTerminal() async throws {
        let server = try RegistryServer(passwords: Self.passwords)
        defer { server.end() }
        let directory = try TemporaryFolder()
        var (main, side): (Int32, Int32) = (0, 0)
        try #require(openpty(&main, &side, nil, nil, nil) == 0)
        defer {
            close(main)
            close(side)
        }
        let answers = ["Username: ": "  me\n", "Password: ": "s3cret\n"]
        let output = Mutex("")
        let terminal = Terminal(
            output: { text in output.withLock { $0 += text } },
            error: { [main] text in
                output.withLock { $0 += text }
                guard let answer = answers[text] else { return }
                _ = answer.withCString { write(main, $0, strlen($0)) }
            })
        var context = CommandContext(
            environment: ["HOME": directory.path], currentDirectory: directory.path, terminal: terminal)
        context.standardStreams.input = side
        #expect(await CommandLineTool.run(["registry", "login", "-k", server.name], context: context) == 0)
        #expect(
            output.withLock { $0 }
                == "Username: Password: \nSuccessfully logged in as me to registry \(server.name) "
                + "(\(directory.path)/.config/fermyon/registry-auth.json)\n")
        // What the terminal showed of it.
        var shown = [UInt8](repeating: 0, count: 1000)
        let count = read(main, &shown, shown.count)
        let text = String(decoding: shown[..<max(0, count)], as: UTF8.self)
        #expect(text.contains("me") && !text.contains("s3cret"), "\(text)")
    }

    @Test func asksNobodyWithoutTerminal() async throws {
        let directory = try TemporaryFolder()
        var streams = StandardDescriptors()
        streams.input = open("/dev/null", O_RDONLY)
        defer { close(streams.input) }
        let user = await CommandRun.run(["registry", "login", "ghcr.io"], in: directory.path, standardStreams: streams)
        #expect(user.exitCode == 2)
        #expect(user.error == "Error: there is no terminal to ask for the user\n  hint: --username\n")
        let password = await CommandRun.run(
            ["registry", "login", "-u", "me", "ghcr.io"], in: directory.path, standardStreams: streams)
        #expect(password.error == "Error: there is no terminal to ask for the password\n  hint: --password-stdin\n")
    }
}
