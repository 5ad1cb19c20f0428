// A program as people write it for POSIX: everything that it does with files goes through wasi-libc to preview 1.
//
//     files DIRECTORY
//
// Prints a line for each step that worked; the exit code is 1 at the first that did not.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void check(int condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "%s: %s\n", what, strerror(errno));
        exit(1);
    }
    printf("%s\n", what);
}

static int entries(const char *path) {
    int count = 0;
    DIR *directory = opendir(path);
    if (!directory) return -1;
    while (readdir(directory)) count++;
    closedir(directory);
    return count;
}

int main(int argc, char **argv) {
    check(argc == 2 && chdir(argv[1]) == 0, "chdir");

    check(mkdir("made", 0777) == 0, "mkdir");
    FILE *file = fopen("made/text", "w+");
    check(file != NULL, "fopen");
    for (int line = 0; line < 10000; line++) fprintf(file, "line %d\n", line);
    check(fflush(file) == 0 && fseek(file, 0, SEEK_SET) == 0, "fprintf");
    char text[32];
    int lines = 0;
    while (fgets(text, sizeof text, file)) lines++;
    check(lines == 10000 && strcmp(text, "line 9999\n") == 0, "fgets");
    check(fclose(file) == 0, "fclose");

    struct stat status;
    check(stat("made/text", &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 98890, "stat");
    check(truncate("made/text", 10) == 0 && stat("made/text", &status) == 0 && status.st_size == 10, "truncate");
    struct timespec times[2] = {{5, 0}, {7, 9}};
    check(utimensat(AT_FDCWD, "made/text", times, 0) == 0, "utimensat");
    check(stat("made/text", &status) == 0 && status.st_mtim.tv_sec == 7 && status.st_mtim.tv_nsec == 9, "mtime");

    int appending = open("made/text", O_WRONLY | O_APPEND);
    check(appending >= 0 && write(appending, "end", 3) == 3 && fsync(appending) == 0, "append");
    check(close(appending) == 0 && stat("made/text", &status) == 0 && status.st_size == 13, "appended");

    size_t size = 3 << 20;
    char *large = malloc(size);
    memset(large, 'x', size);
    file = fopen("made/large", "w+");
    check(fwrite(large, 1, size, file) == size && fseek(file, 0, SEEK_SET) == 0, "fwrite");
    check(fread(large, 1, size, file) == size && fgetc(file) == EOF && fclose(file) == 0, "fread");

    check(symlink("text", "made/link") == 0 && readlink("made/link", text, sizeof text) == 4, "symlink");
    check(lstat("made/link", &status) == 0 && S_ISLNK(status.st_mode), "lstat");
    check(link("made/text", "made/other") == 0 && stat("made/other", &status) == 0 && status.st_nlink == 2, "link");
    check(rename("made/other", "made/renamed") == 0 && access("made/other", F_OK) != 0, "rename");
    check(entries("made") == 6, "readdir");

    check(open("../outside", O_RDONLY) < 0 && open("made/../../outside", O_RDONLY) < 0, "no way out");
    check(symlink("../../outside", "made/escape") == 0 && open("made/escape", O_RDONLY) < 0, "no way out by a link");

    const char *names[] = {"text", "large", "link", "renamed", "escape"};
    for (int index = 0; index < 5; index++) {
        snprintf(text, sizeof text, "made/%s", names[index]);
        check(unlink(text) == 0, "unlink");
    }
    check(rmdir("made") == 0 && entries(".") == 2, "rmdir");
    return 0;
}
