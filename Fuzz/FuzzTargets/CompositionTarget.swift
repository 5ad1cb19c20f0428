import ComponentModel

/// Components that are composed: a root, and up to three parts that stand for its imports or for those of each other.
///
/// The first byte says how many parts there are. Each begins with one byte, which says what the part is for, whether it
/// goes into the root or into the part before it, and which export it gives; then two bytes with its length, and so many
/// bytes. What is left is the root.
enum CompositionTarget: FuzzTarget {
    static let name = "composition"

    static func run(_ bytes: [UInt8]) {
        guard let composition = self.composition(bytes) else { return }
        bytes.withUnsafeBytes { image in
            do throws(CompositionError) {
                ComponentTarget.check(try ComponentDecoder.plan(composition, image), bytes.count)
            } catch {
                if error.message.isEmpty { violated("an error without a message") }
            }
        }
    }

    private static let targets = [
        ImportPattern("a", package: nil, interface: nil, version: nil),
        ImportPattern("a:b", package: "a:b", interface: nil, version: nil),
        ImportPattern("a:b/c", package: "a:b", interface: "c", version: nil),
        ImportPattern("a:b/c@1.0.0", package: "a:b", interface: "c", version: "1.0.0"),
    ]
    private static let exports: [String?] = [nil, "a", "a:b/c@1.0.0", "a:b/c"]

    private static func composition(_ bytes: [UInt8]) -> Composition? {
        guard let first = bytes.first else { return nil }
        var rest = bytes.dropFirst()
        var plugs: [(isInner: Bool, plug: Composition.Plug)] = []
        for _ in 0..<Int(first % 4) {
            guard rest.count >= 3 else { return nil }
            let kind = Int(rest[rest.startIndex])
            let count = Int(rest[rest.startIndex + 1]) | Int(rest[rest.startIndex + 2]) << 8
            rest = rest.dropFirst(3)
            guard count > 0, count < rest.count else { return nil }
            var part = Composition.Part(name: "part", range: rest.startIndex..<(rest.startIndex + count))
            if kind & 0x20 != 0 { part.denials = { _ in Denial("denied") } }
            let plug = Composition.Plug(self.targets[kind & 3], export: self.exports[kind >> 2 & 3], part: part)
            plugs.append((kind & 0x10 != 0, plug))
            rest = rest.dropFirst(count)
        }
        guard !rest.isEmpty else { return nil }
        // From the last on: what goes into the part before it is complete then.
        var root = Composition.Part(name: "root", range: rest.startIndex..<bytes.count)
        while let (isInner, plug) = plugs.popLast() {
            if isInner, !plugs.isEmpty {
                plugs[plugs.count - 1].plug.part.plugs.append(plug)
            } else {
                root.plugs.append(plug)
            }
        }
        return Composition(root: root)
    }
}
