import ComponentModel
import Testing

@Suite struct ExternNameTests {
    @Test(arguments: [
        ("run", ExternName.Kind.plain), ("get-environment", .plain), ("a1-B2-c", .plain), ("x-1", .plain),
        ("[constructor]fields", .constructor(resource: "fields")),
        ("[method]input-stream.read", .method(resource: "input-stream", name: "read")),
        ("[static]fields.from-list", .static(resource: "fields", name: "from-list")),
        ("[resource-drop]fields", .resourceDrop(resource: "fields")),
        ("url=<https://example.com>", .dependency),
    ])
    func plainNamesAreParsed(text: String, kind: ExternName.Kind) {
        #expect(ExternName(text)?.kind == kind)
    }

    @Test(arguments: [
        ("wasi:http/types@0.2.0", "wasi", "http", "types", "0.2.0"),
        ("wasi:keyvalue/store@0.2.0-draft2", "wasi", "keyvalue", "store", "0.2.0-draft2"),
        ("fermyon:spin/key-value", "fermyon", "spin", "key-value", nil),
        ("a:b/c@1.0.0+build.5", "a", "b", "c", "1.0.0+build.5"),
    ])
    func interfaceNamesAreSplit(text: String, namespace: String, package: String, interface: String, version: String?) {
        let name = ExternName(text)?.interface
        #expect(name?.namespace == namespace)
        #expect(name?.package == package)
        #expect(name?.interface == interface)
        #expect(name?.version == version)
        #expect(name?.unversioned == "\(namespace):\(package)/\(interface)")
        #expect(name?.description == text)
    }

    @Test(arguments: [
        "", "-", "a-", "-a", "a--b", "1a", "aB", "a_b", "é", "[method]a", "[method]a.b.c", "[method].b", "[other]a",
        "[constructor]", "a:b", "a:/c", ":b/c", "a:b/", "a:b/c@", "a:b/c@x", "A:b/c", "a:B/c", "a:b/c/d", "[", "a b",
    ])
    func otherNamesAreRefused(text: String) {
        #expect(ExternName(text) == nil)
    }

    @Test(arguments: [
        ("foo", "FOO", false), ("foo", "bar", true), ("foo", "[constructor]foo", true),
        ("foo", "[method]foo.foo", false),
        ("[method]a.b", "[static]a.b", false), ("[method]a.b", "[method]a.B", false),
        ("[method]a.b", "[method]b.a", true),
        ("foo", "foo:bar/foo", true), ("a:b/c@1.0.0", "a:b/c@2.0.0", true), ("[constructor]a", "[constructor]A", false),
    ])
    func namesOfOneScopeDiffer(one: String, other: String, isUnique: Bool) throws {
        let one = try #require(ExternName(one))
        let other = try #require(ExternName(other))
        #expect((one.uniquenessKey != other.uniquenessKey) == isUnique)
    }
}
