import CWasmtime
import Synchronization

/// A loaded libwasmtime.
package struct LoadedLibrary: Sendable, Equatable {
    /// The file it was loaded from.
    package let path: String
    /// What the library says of itself: its compiled code carries the major version only.
    package let version: String
    /// Changes when the file is replaced: part of the keys of compiled code.
    let identity: String
}

/// Finds, checks and loads libwasmtime, once per process.
package enum WasmtimeLibrary {
    package static let requiredVersion = "50.0.1"
    package static let environmentVariable = "SWIRL_WASMTIME_LIBRARY"

    static var requiredMajorVersion: String {
        String(self.requiredVersion.prefix { $0 != "." })
    }

    private static let loaded = Mutex<LoadedLibrary?>(nil)

    /// Loads libwasmtime once per process; later calls return what is loaded, whatever their path.
    ///
    /// Searched, in this order: `path`, the file that SWIRL_WASMTIME_LIBRARY names, `../lib/swirl` beside the program's
    /// folder, the system's library folders. A path that is given and wrong is an error, not a reason to look further.
    package static func load(path: String? = nil) throws(LibraryError) -> LoadedLibrary {
        try self.loaded.withLock { loaded throws(LibraryError) in
            if let loaded {
                return loaded
            }
            let symbols = try Self.open(path: path)
            for (index, symbol) in symbols.enumerated() {
                cwasmtime_symbol_set(index, symbol)
            }
            let path = cwasmtime_library_path().map { String(cString: $0) } ?? path ?? Platform.libraryName
            let version = try ArtifactMetadata.versionOfLoadedLibrary(path: path)
            guard version == Self.requiredMajorVersion else {
                throw LibraryError.wrongVersion(path: path, found: version)
            }
            let library = LoadedLibrary(
                path: path, version: version, identity: Platform.identity(ofFile: path) ?? "unknown")
            loaded = library
            return library
        }
    }

    /// Opens the first library of the search order and finds all functions in it, in the order of the table.
    package static func open(path: String?) throws(LibraryError) -> [UnsafeMutableRawPointer] {
        let named = path ?? Platform.environment(Self.environmentVariable).flatMap { $0.isEmpty ? nil : $0 }
        if let named {
            guard Platform.fileExists(named) else {
                throw LibraryError.notFound(lookedAt: [named])
            }
            return try Self.symbols(ofFile: named)
        }
        var places: [String] = []
        if let directory = Platform.executableDirectory {
            let installed = "\(directory)/../lib/swirl/\(Platform.libraryName)"
            if Platform.fileExists(installed) {
                return try Self.symbols(ofFile: installed)
            }
            places.append(installed)
        }
        guard case .success(let handle) = Platform.openLibrary(Platform.libraryName) else {
            throw LibraryError.notFound(lookedAt: places + ["the system's library folders"])
        }
        return try Self.symbols(in: handle, path: Platform.libraryName)
    }

    private static func symbols(ofFile path: String) throws(LibraryError) -> [UnsafeMutableRawPointer] {
        try LibraryFile.check(path: path)
        switch Platform.openLibrary(path.contains("/") ? path : "./\(path)") {
        case .success(let handle): return try Self.symbols(in: handle, path: path)
        case .failure(let failure):
            throw LibraryError(.notALibrary, "\(path) cannot be loaded (\(failure.message))")
        }
    }

    private static func symbols(
        in handle: UnsafeMutableRawPointer, path: String
    ) throws(LibraryError) -> [UnsafeMutableRawPointer] {
        var symbols: [UnsafeMutableRawPointer] = []
        var missing: [String] = []
        for index in 0..<cwasmtime_symbol_count() {
            let name = cwasmtime_symbol_name(index)
            if let symbol = Platform.symbol(name, in: handle) {
                symbols.append(symbol)
            } else {
                missing.append(String(cString: name))
            }
        }
        guard missing.isEmpty else {
            Platform.closeLibrary(handle)
            throw LibraryError(.missingSymbols, "\(path) lacks \(missing.joined(separator: ", "))")
        }
        return symbols
    }
}
