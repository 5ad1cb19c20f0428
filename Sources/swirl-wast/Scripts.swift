import ArgumentParser
import Foundation

/// Scripts on disk.
enum Scripts {
    /// The file itself, or all `.wast` files below a folder, in the order of their names.
    static func find(_ path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            print("swirl-wast: \(path) does not exist")
            throw ExitCode(2)
        }
        guard isFolder.boolValue else { return [path] }
        let files = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return files.filter { $0.hasSuffix(".wast") }.sorted().map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }

    static func read(_ path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            print("swirl-wast: \(path) cannot be read")
            throw ExitCode(2)
        }
        return [UInt8](data)
    }
}
