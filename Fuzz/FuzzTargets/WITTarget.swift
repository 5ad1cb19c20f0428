import WIT

/// The parser, the resolver and the printer of WIT.
enum WITTarget: FuzzTarget {
    static let name = "wit"

    static func run(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let model = try? self.model(text) else { return }
        // What is printed is read again as the same.
        for package in model.packages.indices {
            let printed = Printer.print(PackageID(index: package), of: model)
            guard let again = try? self.model(printed) else { continue }
            let reprinted = again.packages.indices.map { Printer.print(PackageID(index: $0), of: again) }
            if !reprinted.contains(printed) { violated("printing is not stable:\n\(printed)") }
        }
    }

    private static func model(_ text: String) throws -> ResolvedModel {
        try Resolver.resolve([[try Parser.parse(text, path: "fuzz.wit")]])
    }
}
