import ComponentModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// `wasi:filesystem/types` of that date: as in 0.2, and files have modes, permissions and locks.
extension Snapshot20231018 {
    private static let types = WasiFilesystemTypes.interface
    private static let modes = "flags{readable, writable, executable}"
    private static let accessType = "variant{access(\(modes)), exists}"
    private static let pathFlags = "flags{symlink-follow}"

    static let filesystem: [HostFunction] =
        Self.types.functions.filter { $0.name != "[method]descriptor.open-at" }.flatMap {
            Self.types.function($0.name, signature: Self.movingError)
        }
        + Self.types.functions.filter { $0.name == "[method]descriptor.open-at" }.map { Self.openAt($0.signature) }
        + [
            Self.fallible("access-at", ", \(Self.pathFlags), string, \(Self.accessType)", area: 6) {
                descriptor, call in
                let path = try call.string(call.i32(2), call.i32(3))
                let answer = descriptor.status(of: path, WasiFilesystemTypes.PathFlags.lift(call, at: 1))
                let status = try call.value(of: answer).get()
                guard call.i32(4) == 0 else { return }
                let wanted = call.i32(5)
                if wanted & 2 != 0 { try descriptor.requireWritable() }
                // Of owner, group and others none is the guest: what anybody may do, it may.
                let bits = UInt32(truncatingIfNeeded: status.st_mode)
                let allowed = bits | bits >> 3 | bits >> 6
                let mask = (wanted & 1) << 2 | (wanted & 2) | (wanted & 4) >> 2
                guard allowed & mask == mask else { throw FileError(.access) }
            },
            Self.fallible("change-file-permissions-at", ", \(Self.pathFlags), string, \(Self.modes)", area: 5) {
                descriptor, _ in try Self.refuseChange(descriptor)
            },
            Self.fallible("change-directory-permissions-at", ", \(Self.pathFlags), string, \(Self.modes)", area: 5) {
                descriptor, _ in try Self.refuseChange(descriptor)
            },
        ]
        + ["lock-shared", "lock-exclusive", "try-lock-shared", "try-lock-exclusive", "unlock"].map { name in
            // Locks of one guest would be seen by all others of the host, and outlive what they protect.
            Self.fallible(name, "", area: 1) { _, _ in throw FileError(.unsupported) }
        }

    private static func refuseChange(_ descriptor: DescriptorResource) throws(FileError) {
        try descriptor.requireWritable()
        throw FileError(.unsupported)
    }

    /// A method that returns nothing or an error code.
    ///
    /// - Parameter area: which argument is the address of the result.
    private static func fallible(
        _ name: String, _ parameters: String, area: Int,
        _ body: @escaping @Sendable (DescriptorResource, borrowing HostCall) throws -> Void
    ) -> HostFunction {
        HostFunction(
            name: "[method]descriptor.\(name)",
            signature: "(borrow<wasi:filesystem/types.descriptor>\(parameters)) -> result<_, \(Self.errorCode)>"
        ) { call in
            let descriptor = try call.resource(
                borrowed: call.i32(0), WasiFilesystemTypes.descriptorType, as: DescriptorResource.self)
            // The result's place is taken after waiting: memory may move meanwhile.
            do {
                try body(descriptor, call)
                try call.view(call.i32(area), size: 2, alignment: 1).set(u8: 0, at: 0)
            } catch let error as FileError {
                let view = try call.view(call.i32(area), size: 2, alignment: 1)
                view.set(u8: 1, at: 0)
                error.code.store(to: view, at: 1, in: call)
            }
        }
    }

    /// The text of the type `error-code`, taken from a function that returns nothing else.
    private static let errorCode: String = {
        let signature = Self.types.function("[method]descriptor.sync").first?.signature ?? ""
        return String(signature.drop { $0 != "_" }.dropFirst(3).dropLast())
    }()

    /// As in 0.2 with modes at the end. They are what `umask` makes of read and write for all, as in 0.2.
    private static func openAt(_ signature: String) -> HostFunction {
        let parts = signature.split(separator: ") ->", maxSplits: 1)
        let text = parts.count == 2 ? "\(parts[0]), \(Self.modes)) ->\(parts[1])" : signature
        return HostFunction(name: "[method]descriptor.open-at", signature: text) { call in
            let descriptor = try call.resource(
                borrowed: call.i32(0), WasiFilesystemTypes.descriptorType, as: DescriptorResource.self)
            let result = try descriptor.openAt(
                pathFlags: WasiFilesystemTypes.PathFlags.lift(call, at: 1),
                path: try call.string(call.i32(2), call.i32(3)),
                openFlags: WasiFilesystemTypes.OpenFlags.lift(call, at: 4),
                flags: WasiFilesystemTypes.DescriptorFlags.lift(call, at: 5), in: call)
            let view = try call.view(call.i32(7), size: 8, alignment: 4)
            switch result {
            case .ok(let opened):
                view.set(u8: 0, at: 0)
                view.set(u32: try call.insert(opened, WasiFilesystemTypes.descriptorType), at: 4)
            case .error(let error):
                view.set(u8: 1, at: 0)
                error.store(to: view, at: 4, in: call)
            }
        }
    }
}
