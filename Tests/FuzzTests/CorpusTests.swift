import Foundation
import FuzzTargets
import Testing

/// Every input that fuzzing kept, run again: what it once found stays fixed.
@Suite struct CorpusTests {
    private static let corpus = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fuzz/Corpus")

    @Test(arguments: FuzzTargets.all.map { $0.name })
    func survivesItsCorpus(target name: String) throws {
        let target = try #require(FuzzTargets.named(name))
        let corpus = try String(contentsOf: Self.corpus.appending(path: "\(name).txt"), encoding: .utf8)
        let lines = corpus.split(separator: "\n")
        #expect(!lines.isEmpty)
        for line in lines {
            target.run(Array(try #require(Data(base64Encoded: String(line)))))
        }
    }
}
