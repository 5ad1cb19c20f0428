package import ComponentModel

/// The free functions of `wasi:filesystem/types`.
package enum FilesystemTypesFunctions: WasiFilesystemTypes.Functions {
    package static func filesystemErrorCode(
        err: ErrorResource, in call: borrowing HostCall
    ) throws -> WasiFilesystemTypes.ErrorCode? {
        if case .filesystem(let code) = err.cause { code } else { nil }
    }
}

/// `wasi:filesystem/preopens`.
package enum FilesystemPreopensFunctions: WasiFilesystemPreopens.Functions {
    package static func getDirectories(in call: borrowing HostCall) throws -> [(DescriptorResource, String)] {
        let context = call.host(WASIContext.self)
        return context.configuration.preopens.map {
            (DescriptorResource(preopen: $0, budget: context.budget, worker: context.fileWorker), $0.guestPath)
        }
    }
}

extension WASIContext {
    /// A file of the first directory as a source, as a stream of it reads: for tests.
    package func openForReading(_ path: String) throws -> any InputSource {
        guard let preopen = self.configuration.preopens.first else { throw FileError(.noEntry) }
        let directory = DescriptorResource(preopen: preopen, budget: self.budget, worker: self.fileWorker)
        return FileSource(try self.open(path, in: directory).file, offset: 0)
    }

    /// What is at `path`, if it is in the system's memory: for tests.
    package func open(_ path: String, in directory: DescriptorResource) throws -> DescriptorResource {
        guard case .ready(let file) = directory.open(path, [], [], .read) else { throw FileError(.wouldBlock) }
        return try file.get()
    }
}
