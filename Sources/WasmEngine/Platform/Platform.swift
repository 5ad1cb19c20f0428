#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The few system calls of this target, each with the differences between systems in one place.
package enum Platform {
    #if canImport(Darwin)
    static let libraryName = "libwasmtime.dylib"
    #else
    static let libraryName = "libwasmtime.so"
    #endif

    /// The text of `errno`, to be read right after the call that failed.
    static var lastErrorText: String {
        String(cString: strerror(errno))
    }

    static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else {
            return nil
        }
        return String(cString: value)
    }

    package static func fileExists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// The first bytes of a file: fewer when it is shorter, nil when it cannot be read.
    static func prefix(ofFile path: String, count: Int) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            return nil
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: count)
        let size = read(descriptor, &bytes, count)
        guard size >= 0 else {
            return nil
        }
        return Array(bytes.prefix(size))
    }

    /// `write`, for types that have a method of that name.
    static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// The folder of the running program.
    static var executableDirectory: String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
        #if canImport(Darwin)
        var size = UInt32(buffer.count)
        guard _NSGetExecutablePath(&buffer, &size) == 0 else {
            return nil
        }
        #else
        guard readlink("/proc/self/exe", &buffer, buffer.count - 1) > 0 else {
            return nil
        }
        #endif
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let path = String(decoding: bytes, as: UTF8.self)
        guard let slash = path.lastIndex(of: "/") else {
            return nil
        }
        return String(path[..<slash])
    }

    /// Opens a library for the life of the process. A name without a slash is looked up by the system.
    static func openLibrary(_ path: String) -> Result<UnsafeMutableRawPointer, LibraryOpenFailure> {
        if let handle = dlopen(path, RTLD_NOW | RTLD_LOCAL) {
            return .success(handle)
        }
        return .failure(LibraryOpenFailure(message: dlerror().map { String(cString: $0) } ?? "unknown error"))
    }

    static func closeLibrary(_ handle: UnsafeMutableRawPointer) {
        dlclose(handle)
    }

    static func symbol(_ name: UnsafePointer<CChar>, in handle: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        dlsym(handle, name)
    }

    /// Size and time of change of a file: what changes when another one takes its place.
    static func identity(ofFile path: String) -> String? {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return nil
        }
        #if canImport(Darwin)
        let time = status.st_mtimespec
        #else
        let time = status.st_mtim
        #endif
        return "\(status.st_size)-\(time.tv_sec)-\(time.tv_nsec)"
    }
}

struct LibraryOpenFailure: Error {
    let message: String
}
