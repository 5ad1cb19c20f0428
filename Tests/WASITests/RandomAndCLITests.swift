import ComponentModel
import Testing
import WASI

/// `wasi:random` and `wasi:cli`.
@Suite struct RandomAndCLITests {
    @Test func randomBytesAreAsManyAsAskedAndDiffer() throws {
        let host = TestHost()
        try host.call { call throws in
            for count in [0, 1, 7, 8, 300, 100_000] as [UInt64] {
                let bytes = try RandomRandomFunctions.getRandomBytes(len: count, in: call)
                #expect(bytes.byteCount == Int(count))
                #expect(bytes.array.count == Int(count))
            }
            let first = try RandomRandomFunctions.getRandomBytes(len: 32, in: call).array
            let second = try RandomInsecureFunctions.getInsecureRandomBytes(len: 32, in: call).array
            #expect(first != second)
            #expect(first != [UInt8](repeating: 0, count: 32))
            #expect(try RandomRandomFunctions.getRandomU64(in: call) != RandomRandomFunctions.getRandomU64(in: call))
            let seed = try RandomInsecureSeedFunctions.insecureSeed(in: call)
            #expect(seed.0 != seed.1)
        }
    }

    @Test(arguments: [UInt64(1) << 32, .max])
    func aBombOfRandomBytesTraps(count: UInt64) throws {
        let host = TestHost()
        try host.call { call throws in
            #expect(throws: GuestFault.self) { try RandomRandomFunctions.getRandomBytes(len: count, in: call) }
            #expect(throws: GuestFault.self) {
                try RandomInsecureFunctions.getInsecureRandomBytes(len: count, in: call)
            }
        }
    }

    @Test func tellsTheEnvironmentAndArguments() throws {
        let host = TestHost(
            configuration: WASIConfiguration(environment: [("A", "1"), ("B", "2")], arguments: ["name", "x"]))
        try host.call { call throws in
            let environment = try CliEnvironmentFunctions.getEnvironment(in: call)
            #expect(environment.map(\.0) == ["A", "B"])
            #expect(environment.map(\.1) == ["1", "2"])
            #expect(try CliEnvironmentFunctions.getArguments(in: call) == ["name", "x"])
            #expect(try CliEnvironmentFunctions.initialCwd(in: call) == nil)
            #expect(try CliTerminalStdinFunctions.getTerminalStdin(in: call) == nil)
            #expect(try CliTerminalStdoutFunctions.getTerminalStdout(in: call) == nil)
            #expect(try CliTerminalStderrFunctions.getTerminalStderr(in: call) == nil)
        }
    }

    @Test func exitEndsTheGuestByAnErrorOfItsOwn() throws {
        let host = TestHost()
        try host.call { call throws in
            #expect(throws: GuestExit(status: 0)) { try CliExitFunctions.exit(status: .ok, in: call) }
            #expect(throws: GuestExit(status: 1)) { try CliExitFunctions.exit(status: .error, in: call) }
            #expect(throws: GuestExit(status: 42)) { try CliExitFunctions.exitWithCode(statusCode: 42, in: call) }
        }
    }

    @Test func terminalsAreTold() throws {
        let host = TestHost()
        try host.call { call throws in
            #expect(try CliTerminalStdinFunctions.getTerminalStdin(in: call) == nil)
            #expect(try CliTerminalStdoutFunctions.getTerminalStdout(in: call) == nil)
            #expect(try CliTerminalStderrFunctions.getTerminalStderr(in: call) == nil)
        }
        let terminal = TestHost(terminals: [.stdin, .stderr])
        try terminal.call { call throws in
            #expect(try CliTerminalStdinFunctions.getTerminalStdin(in: call) != nil)
            #expect(try CliTerminalStdoutFunctions.getTerminalStdout(in: call) == nil)
            #expect(try CliTerminalStderrFunctions.getTerminalStderr(in: call) != nil)
        }
    }

    @Test func everyInterfaceIsListedOnce() {
        for version in ["0.2.0", "0.2.0-rc-2023-11-10", "0.2.0-rc-2023-10-18"] {
            let served = WASI.interfaces.filter { $0.versions.contains { $0.contains(version) } }
            #expect(Set(served.map(\.name)).count == served.count, "\(version)")
            #expect(served.count >= 20, "\(version)")
        }
        for version in ["0.3.0", "0.3.0-rc-2026-03-15"] {
            let served = WASI.interfaces.filter { $0.versions.contains { $0.contains(version) } }
            #expect(Set(served.map(\.name)).count == served.count, "\(version)")
            #expect(served.count >= 18, "\(version)")
        }
        #expect(WASI.interfaces.contains { $0.name == "wasi:http/types" })
    }
}
