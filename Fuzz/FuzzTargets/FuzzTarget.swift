/// A piece of Swirl that reads what others wrote, with what must hold whatever that is.
///
/// A target fails by trapping: libFuzzer and the tests run the same code.
package protocol FuzzTarget: SendableMetatype {
    /// The name on the command line, and of the corpus folder.
    static var name: String { get }

    static func run(_ bytes: [UInt8])
}

package enum FuzzTargets {
    package static let all: [any FuzzTarget.Type] = [
        ComponentTarget.self, CompositionTarget.self, WITTarget.self, ManifestTarget.self, HTTPTarget.self,
        TextTarget.self,
        LiftTarget.self, TaskTarget.self, RESPTarget.self,
    ]

    package static func named(_ name: String) -> (any FuzzTarget.Type)? {
        self.all.first { $0.name == name }
    }
}

/// Ends the run with a message: what the fuzzer was looking for.
func violated(_ message: String) -> Never {
    fatalError("fuzzing found: \(message)")
}

/// However bytes are cut into pieces, the same must be found in them. The first byte says where to cut.
func comparePieces(of bytes: [UInt8], _ events: ([ArraySlice<UInt8>]) -> String) {
    guard let cut = bytes.first else { return }
    let input = bytes.dropFirst()
    let whole = events([input])
    let size = max(1, Int(cut))
    let pieces = stride(from: input.startIndex, to: input.endIndex, by: size).map {
        input[$0..<min($0 + size, input.endIndex)]
    }
    let cutUp = events(pieces)
    if cutUp != whole { violated("pieces of \(size) bytes are read differently: \(cutUp)\ninstead of: \(whole)") }
}
