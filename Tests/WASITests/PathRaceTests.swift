import ComponentModel
import Foundation
import Synchronization
import Testing
import WASI

/// Whoever else changes the directory meanwhile cannot make a path lead out of it.
@Suite struct PathRaceTests {
    @Test(arguments: [true, false])
    func aDirectoryThatBecomesALinkIsNotFollowedOut(usesKernel: Bool) throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(usesKernel: usesKernel)
        let path = sandbox.root + "/mount/dir"
        let swap = SwapLoop()
        // A thread, not a task: what waits for a task goes on elsewhere, and the host's event loop stays where it was made.
        let swapping = DispatchGroup()
        swapping.enter()
        Thread.detachNewThread {
            swap.run(path, target: "../outside")
            swapping.leave()
        }
        var outcomes: [WasiFilesystemTypes.ErrorCode: Int] = [:]
        // As long as it takes to have met both states, and then some.
        for round in 0..<20_000 where round < 3000 || outcomes.count < 2 {
            let result = try sandbox.open("dir/secret", in: mount)
            guard let code = result.failure else {
                Issue.record("the secret was opened in round \(round)")
                break
            }
            outcomes[code, default: 0] += 1
            let created = try sandbox.open("dir/new", in: mount, [.create], .write)
            if created.isOK { try sandbox.host.call { _ = try mount.unlinkFileAt(path: "dir/new", in: $0) } }
        }
        swap.stop()
        swapping.wait()
        #expect(!sandbox.exists("outside/new"))
        let expected: Set<WasiFilesystemTypes.ErrorCode> = [.noEntry, .notPermitted, .notDirectory, .loop]
        #expect(expected.isSuperset(of: outcomes.keys))
    }

    @Test func theWalkHoldsOnlySoManyDirectoriesOpen() throws {
        let sandbox = try Sandbox()
        let mount = try sandbox.mount(usesKernel: false)
        let path = String(repeating: "dir/../", count: 200) + "file"
        #expect(try sandbox.read(path, in: mount).value == "file")
        var deep = "mount/deep"
        for _ in 0..<140 {
            mkdir(sandbox.root + "/" + deep, 0o755)
            deep += "/d"
        }
        let guestPath = "deep" + String(repeating: "/d", count: 139)
        #expect(try sandbox.open(guestPath, in: mount).failure == .nameTooLong)
        #expect(try sandbox.open(guestPath, in: sandbox.mount()).isOK)
    }
}

/// Makes a directory a link and back, until told to stop.
private final class SwapLoop: Sendable {
    private let isStopped = Atomic(false)

    func stop() { self.isStopped.store(true, ordering: .relaxed) }

    func run(_ path: String, target: String) {
        while !self.isStopped.load(ordering: .relaxed) {
            rename(path, path + "-hidden")
            symlink(target, path)
            unlink(path)
            rename(path + "-hidden", path)
        }
    }
}
