/// Why libwasmtime cannot be used, in one line that says what to do.
package struct LibraryError: Error, Equatable, Sendable, CustomStringConvertible {
    package enum Kind: Equatable, Sendable {
        case notFound
        case unreadable
        case wrongProcessor
        case notALibrary
        case missingSymbols
        case wrongVersion
    }

    package let kind: Kind
    package let description: String

    private static let remedy = "run `make setup`, or set \(WasmtimeLibrary.environmentVariable) to the path of "

    init(_ kind: Kind, _ problem: String) {
        self.kind = kind
        self.description = "\(problem); \(Self.remedy)libwasmtime \(WasmtimeLibrary.requiredVersion)"
    }

    static func notFound(lookedAt places: [String]) -> LibraryError {
        LibraryError(.notFound, "libwasmtime was not found (looked at: \(places.joined(separator: ", ")))")
    }

    package static func wrongVersion(path: String, found: String) -> LibraryError {
        LibraryError(
            .wrongVersion,
            "\(path) is Wasmtime \(found), but version \(WasmtimeLibrary.requiredMajorVersion) is needed")
    }
}
