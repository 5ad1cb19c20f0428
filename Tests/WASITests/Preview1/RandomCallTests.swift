import ComponentModel
import TestSupport
import Testing
import WASI

/// Functions called with whatever comes: nothing may crash the host, nothing outside the directory may change.
@Suite struct RandomCallTests {
    private static let values: [Int64] = [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 0x40, 0x48, 0x80, 0x100, 0x200, 0x1000, 0xFFF8, 0xFFFF, 0x1_0000,
        0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFF8, 0xFFFF_FFFF, 1 << 40, .max, .min, -1, -8, 1_000_000_000,
    ]
    private static let paths = [
        "file", "dir", "dir/inner", ".", "..", "../outside/secret", "a", "a/b", "/", "dir/", "link", "file/x", "\0", "",
    ]

    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func nothingCrashesOrEscapes(seed: UInt64) throws {
        let sandbox = try Sandbox()
        sandbox.link("../outside", at: "mount/link")
        let host = try sandbox.preview1()
        var generator = SplitMix64(seed: seed)
        for _ in 0..<4000 {
            let name = try #require(Preview1.functionNames.randomElement(using: &generator))
            // The memory holds a path, numbers and pointers, wherever they are looked for.
            let path = try #require(Self.paths.randomElement(using: &generator))
            for place in [0, 0x100, 0x200] { host.put(path + "\0", at: place) }
            host.set(u32: UInt32.random(in: 0...0x1_0010, using: &generator), at: 0x40)
            host.set(u32: UInt32.random(in: 0...0x200, using: &generator), at: 0x44)
            host.memory[0x48] = UInt8.random(in: 0...3, using: &generator)
            var arguments = (0..<9).map { _ in Self.values.randomElement(using: &generator) ?? 0 }
            if Bool.random(using: &generator) { arguments[0] = Int64.random(in: 0...8, using: &generator) }
            if Bool.random(using: &generator) {
                arguments[1...3] = [0, 0x100, Int64(path.utf8.count)]
                arguments[4...6] = [3, 0x200, Int64(path.utf8.count)]
            }
            let version: Preview1Call.Version = Bool.random(using: &generator) ? .snapshot1 : .unstable
            do {
                _ = try host.call(
                    name, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
                    arguments[6], arguments[7], arguments[8], version: version)
            } catch is GuestFault {
            } catch is GuestExit {
            } catch is HostLimitError {
                // It would wait.
            }
        }
        #expect(sandbox.text(at: "outside/secret") == "secret")
        #expect(sandbox.names(in: "outside") == ["secret"])
        #expect(sandbox.names(in: ".") == ["mount", "outside"])
    }
}
