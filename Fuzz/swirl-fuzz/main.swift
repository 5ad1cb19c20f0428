import FuzzTargets

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

// libFuzzer's way in, where the embedder keeps `main`.
@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ callback: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// The target of this process.
enum Chosen {
    static let target = getenv("SWIRL_FUZZ_TARGET").flatMap { FuzzTargets.named(String(cString: $0)) }
}

guard Chosen.target != nil else {
    print("usage: SWIRL_FUZZ_TARGET=NAME swirl-fuzz [libFuzzer's options] [CORPUS…]")
    print("targets: \(FuzzTargets.all.map { $0.name }.joined(separator: ", "))")
    exit(2)
}
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
    runDriver(&count, &arguments) { bytes, count in
        Chosen.target?.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
        return 0
    })
