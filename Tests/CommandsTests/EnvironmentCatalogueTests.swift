import Foundation
import TestSupport
import Testing

/// When Spin's catalogue of target environments is brought up to date.
@Suite struct EnvironmentCatalogueTests {
    /// What stands for `git`: notes how it was called, and writes the definition that a clone or pull brings.
    private static let git = """
        #!/bin/sh
        echo "$1" >> "$CALLS"
        if [ "$1" = "-C" ]; then catalogue=$2; else catalogue=$6; fi
        \(slow)
        mkdir -p "$catalogue/.git" "$catalogue/envs/acme"
        cp "$CALLS.toml" "$catalogue/envs/acme/acme.toml"
        """
    private static let slow = #"[ -e "$CALLS.slow" ] && sleep 60"#

    /// Behind the reason, git gives advice.
    @Test func tellsWhyItCannotBeHad() async throws {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", "(component)")
        try directory.write(
            "bin/git",
            """
            #!/bin/sh
            echo "warning: hm" >&2
            echo "fatal: unable to access 'https://x/': no network" >&2
            echo "Please make sure you have the correct access rights" >&2
            echo "and the repository exists." >&2
            exit 128
            """)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(directory.path)/bin/git")
        try directory.write(
            "spin.toml",
            TemporaryFolder.manifest.replacingOccurrences(of: "hello.wasm", with: "hello.wat")
                + "targets = [\"acme\"]\n")
        let run = await CommandRun.run(
            ["build"], in: directory.path,
            environment: [
                "XDG_CACHE_HOME": "\(directory.path)/cache", "PATH": "\(directory.path)/bin:/usr/bin:/bin",
            ])
        #expect(
            run.error.contains(
                "spin.toml:12:1: component.hello.targets[0]: the catalogue of target environments cannot be got: fatal: "
                    + "unable to access 'https://x/': no network\n"), "\(run.error)")
    }

    @Test func refreshesWhatHasNoVersion() async throws {
        let directory = try TemporaryFolder()
        try directory.write("hello.wat", "(component)")
        try directory.write("bin/git", Self.git)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: "\(directory.path)/bin/git")
        try directory.write("calls.toml", "triggers = {}")
        try directory.write(
            "spin.toml",
            TemporaryFolder.manifest.replacingOccurrences(of: "hello.wasm", with: "hello.wat")
                .replacingOccurrences(of: "[application]\n", with: "[application]\ntargets = [\"acme\"]\n"))
        func build() async -> String {
            await CommandRun.run(
                ["build"], in: directory.path,
                environment: [
                    "XDG_CACHE_HOME": "\(directory.path)/cache", "PATH": "\(directory.path)/bin:/usr/bin:/bin",
                    "CALLS": "\(directory.path)/calls",
                ]
            ).error
        }
        let stamp = "cache/swirl/environments-last-update.txt"
        let refusal = "the environment acme has no triggers of the type `http`"
        #expect(await build().contains(refusal))
        #expect(directory.read("calls") == "clone\n")
        #expect(directory.read(stamp) != nil)
        // Within the hour, nobody asks again.
        #expect(await build().contains(refusal))
        #expect(directory.read("calls") == "clone\n")
        try directory.write("calls.toml", "default = { worlds = [] }\ntriggers = {}")
        try directory.write(stamp, "\(Int(Date().timeIntervalSince1970) - 3601)")
        #expect(await build().contains("the environment acme has no world for `http` triggers"))
        #expect(directory.read("calls") == "clone\n-C\n")
        // What takes too long is not waited for: what is there will do.
        try directory.write(stamp, "0")
        try directory.write("calls.slow")
        #expect(await build().contains("the environment acme has no world for `http` triggers"))
        #expect(directory.read("calls") == "clone\n-C\n-C\n")
    }
}
