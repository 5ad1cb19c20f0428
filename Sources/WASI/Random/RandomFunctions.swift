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

    /// As many as WASI 0.3 may give: `maximum`, or the limit.
    init(upTo maximum: UInt64, in call: borrowing HostCall) {
        self.byteCount = Int(min(maximum, UInt64(max(1, call.host(WASIContext.self).limits.randomBytes))))
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

/// `wasi:random/insecure-seed`: the same for the life of an instance.
package enum RandomInsecureSeedFunctions: WasiRandomInsecureSeed.Functions {
    package static func insecureSeed(in call: borrowing HostCall) throws -> (UInt64, UInt64) {
        call.host(WASIContext.self).insecureSeed
    }
}

// The same in 0.3, which lets the host give fewer bytes than were asked for.

extension RandomRandomFunctions: WasiRandomRandomV3.Functions {
    package static func getRandomBytes(maxLen: UInt64, in call: borrowing HostCall) throws -> any HostBytes {
        RandomBytes(upTo: maxLen, in: call)
    }
}

extension RandomInsecureFunctions: WasiRandomInsecureV3.Functions {
    package static func getInsecureRandomBytes(maxLen: UInt64, in call: borrowing HostCall) throws -> any HostBytes {
        RandomBytes(upTo: maxLen, in: call)
    }
}

extension RandomInsecureSeedFunctions: WasiRandomInsecureSeedV3.Functions {
    package static func getInsecureSeed(in call: borrowing HostCall) throws -> (UInt64, UInt64) {
        try self.insecureSeed(in: call)
    }
}

package typealias RandomRandomV3Functions = RandomRandomFunctions
package typealias RandomInsecureV3Functions = RandomInsecureFunctions
package typealias RandomInsecureSeedV3Functions = RandomInsecureSeedFunctions
