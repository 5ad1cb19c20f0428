package import ComponentModel

/// Random bytes that are made in the guest's memory: however many, the host holds none.
struct RandomBytes: HostBytes {
    let byteCount: Int

    /// - Throws: `GuestFault` when the guest asks for more than the limit.
    init(_ count: UInt64, in call: borrowing HostCall, function: StaticString) throws {
        let limit = call.host(WASIContext.self).limits.randomBytes
        guard count <= UInt64(limit) else {
            throw GuestFault("\(function) was asked for \(count) bytes; at most \(limit) are given in one call")
        }
        self.byteCount = Int(count)
    }

    func copyBytes(to destination: UnsafeMutableRawPointer) {
        Platform.fillRandom(UnsafeMutableRawBufferPointer(start: destination, count: self.byteCount))
    }
}

/// `wasi:random/random`, from the system's cryptographic generator.
package enum RandomRandomFunctions: WasiRandomRandom.Functions {
    package static func getRandomBytes(len: UInt64, in call: borrowing HostCall) throws -> any HostBytes {
        try RandomBytes(len, in: call, function: "get-random-bytes")
    }

    package static func getRandomU64(in call: borrowing HostCall) throws -> UInt64 {
        UInt64.random(in: .min ... .max)
    }
}

/// `wasi:random/insecure`: the secure generator serves, a weaker one would save nothing.
package enum RandomInsecureFunctions: WasiRandomInsecure.Functions {
    package static func getInsecureRandomBytes(len: UInt64, in call: borrowing HostCall) throws -> any HostBytes {
        try RandomBytes(len, in: call, function: "get-insecure-random-bytes")
    }

    package static func getInsecureRandomU64(in call: borrowing HostCall) throws -> UInt64 {
        UInt64.random(in: .min ... .max)
    }
}

/// `wasi:random/insecure-seed`.
package enum RandomInsecureSeedFunctions: WasiRandomInsecureSeed.Functions {
    package static func insecureSeed(in call: borrowing HostCall) throws -> (UInt64, UInt64) {
        (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
    }
}
