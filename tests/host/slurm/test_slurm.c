/** host/slurm/: what can be tested without a running Slurm; tests/slurm/run tests it with one. */
#include "host/slurm/slurm.h"

#include <criterion/criterion.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static dg_slurm job;

static void set_up(void)
{
    strcpy(folder, "/tmp/digico-slurm-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    job = (dg_slurm){.program = "/opt/digico",
                     .directory = "/data/out",
                     .file = "a.yaml",
                     .text = "seed: 1\n",
                     .device = "cpu",
                     .shards = 4,
                     .time = "4:00:00",
                     .signal_seconds = 120,
                     .max_requeues = 100,
                     .name = "digico"};
}

static pid_t task; /* started by a test, in a session of its own; 0: none */

/** Kill the script and its children: the fake digico may outlive the script. */
static void kill_task(void)
{
    if (task > 0) kill(-task, SIGKILL);
    task = 0;
}

static void tear_down(void)
{
    kill_task();
    char command[128];
    snprintf(command, sizeof command, "/bin/rm -rf '%s'", folder);
    cr_assert_eq(system(command), 0);
}

TestSuite(slurm, .init = set_up, .fini = tear_down);

#define OK(call) cr_assert_eq((call), DG_OK, "%s", dg_error())

/** Path of a name in the folder, valid until the next call. */
static const char *in_folder(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/** The script of the array, valid until the next call. */
static const char *array_script(void)
{
    static char *text;
    free(text);
    text = NULL;
    OK(dg_slurm_array_script(&text, &job));
    return text;
}

static const char *merge_script(void)
{
    static char *text;
    free(text);
    text = NULL;
    OK(dg_slurm_merge_script(&text, &job));
    return text;
}

static void assert_has(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "no `%s' in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part)
{
    cr_assert(strstr(text, part) == NULL, "`%s' in:\n%s", part, text);
}

static void assert_refused(const char *part)
{
    cr_assert_eq(dg_slurm_check(&job), DG_ERR_ARGUMENT);
    assert_has(dg_error(), part);
    assert_lacks(dg_error(), "\n");
}

/* ---- checks of values ------------------------------------------------------------------------ */

Test(slurm, accepts_a_plain_job)
{
    OK(dg_slurm_check(&job));
}

Test(slurm, refuses_an_invalid_time)
{
    job.time = "soon";
    assert_refused("--time: soon, expected");
}

Test(slurm, refuses_a_limit_that_leaves_no_time_before_the_signal)
{
    job.time = "3"; /* minutes */
    assert_refused("expected more than 180 s");
    job.time = "3:01";
    OK(dg_slurm_check(&job));
    job.signal_seconds = 30;
    job.time = "2";
    OK(dg_slurm_check(&job));
}

Test(slurm, refuses_values_that_sbatch_would_split)
{
    job.partition = "gpu long";
    assert_refused("--partition: `gpu long'");
    job.partition = "gpu,long";
    job.constraint = "[a100|h100]&nvlink";
    OK(dg_slurm_check(&job));
    job.name = "";
    assert_refused("--job-name");
}

Test(slurm, refuses_invalid_options_for_sbatch)
{
    const char *extra[] = {"--mail-type=END", "exclusive"};
    job.sbatch = extra;
    job.sbatches = 1;
    OK(dg_slurm_check(&job));
    job.sbatches = 2;
    assert_refused("--sbatch: `exclusive'");
    extra[1] = "--comment=a\n#SBATCH --exclusive";
    assert_refused("on one line");
}

Test(slurm, refuses_a_folder_with_a_backslash)
{
    job.directory = "/data/a\\b";
    assert_refused("backslash");
}

/* ---- options for Slurm ----------------------------------------------------------------------- */

Test(slurm, requests_requeueing_and_a_signal_to_the_script_only)
{
    const char *text = array_script();
    assert_has(text, "\n#SBATCH --array=1-4\n");
    assert_has(text, "\n#SBATCH --requeue\n");
    assert_has(text, "\n#SBATCH --open-mode=append\n");
    assert_has(text, "\n#SBATCH --signal=B:USR1@120\n");
    assert_has(text, "\n#SBATCH --time=4:00:00\n");
    assert_has(text, "\n#SBATCH --output=%A_%a.log\n");
    assert_lacks(text, "SBATCH --partition");
}

Test(slurm, a_shard_without_gpu_and_cpus_takes_a_whole_node)
{
    assert_has(array_script(), "#SBATCH --exclusive\n#SBATCH --mem=0\n");
    assert_lacks(merge_script(), "--exclusive");
    job.memory = "8G";
    assert_lacks(array_script(), "--mem=0");
    assert_has(array_script(), "#SBATCH --mem=8G\n");
    job.cpus = 6;
    assert_has(array_script(), "#SBATCH --cpus-per-task=6\n");
    assert_lacks(array_script(), "--exclusive");
}

Test(slurm, a_shard_holds_as_many_runs_as_it_is_told_to)
{
    assert_lacks(array_script(), "--batch ");
    job.batch = 12;
    job.mixed_builds = true;
    assert_has(array_script(), "\nextra=(--batch 12 --mixed-builds");
    assert_lacks(merge_script(), "--batch ");
}

Test(slurm, a_shard_takes_one_gpu)
{
    job.gpu = true;
    assert_has(array_script(), "#SBATCH --gres=gpu:1\n");
    assert_lacks(array_script(), "--exclusive");
    job.gpu_type = "a100";
    assert_has(array_script(), "#SBATCH --gres=gpu:a100:1\n");
    assert_lacks(merge_script(), "--gres");
}

Test(slurm, extra_options_come_last_and_go_to_both_jobs)
{
    const char *extra[] = {"--time=1", "--mail-type=END"};
    job.sbatch = extra;
    job.sbatches = 2;
    job.partition = "gpu";
    assert_has(array_script(), "#SBATCH --time=1\n#SBATCH --mail-type=END\nset -u\n");
    assert_has(merge_script(), "#SBATCH --time=1\n#SBATCH --mail-type=END\nset -eu\n");
    assert_has(merge_script(), "#SBATCH --partition=gpu\n");
    assert_has(merge_script(), "#SBATCH --job-name=digico-merge\n");
}

Test(slurm, an_edited_configuration_gets_a_copy_of_its_own)
{
    char *first = dg_slurm_copy(&job);
    job.text = "seed: 2\n";
    char *second = dg_slurm_copy(&job);
    cr_assert_str_eq(strrchr(first, '/'), "/a.yaml");
    cr_assert_str_neq(first, second);
    assert_has(array_script(), second);
    free(first);
    free(second);
}

/* ---- the script of the array, with fake programs for digico and scontrol --------------------- */

/** Write an executable script into the folder; the path is valid until the next call but three. */
static const char *write_program(const char *name, const char *text)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "#!/bin/bash\n%s\n", text);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(chmod(path, 0700), 0);
    return path;
}

/** Start the second task of the array as Slurm does, in a session of its own. */
static pid_t start_task(const char *restarts)
{
    char path[128];
    snprintf(path, sizeof path, "%s/array", folder);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fputs(array_script(), file);
    cr_assert_eq(fclose(file), 0);
    kill_task();
    const pid_t child = fork();
    cr_assert(child >= 0);
    if (child > 0) return task = child;
    char search[256], log[128];
    setsid();
    snprintf(search, sizeof search, "%s:%s", folder, getenv("PATH"));
    snprintf(log, sizeof log, "%s/log", folder);
    setenv("PATH", search, 1);
    setenv("SLURM_ARRAY_JOB_ID", "7", 1);
    setenv("SLURM_ARRAY_TASK_ID", "2", 1);
    setenv("SLURM_CPUS_ON_NODE", "3", 1);
    if (restarts != NULL) setenv("SLURM_RESTART_COUNT", restarts, 1);
    if (freopen(log, "w", stdout) == NULL || dup2(STDOUT_FILENO, STDERR_FILENO) < 0) _exit(126);
    execl("/bin/bash", "bash", path, (char *)NULL);
    _exit(127);
}

static int end_task(pid_t child)
{
    int state = 0;
    cr_assert_eq(waitpid(child, &state, 0), child);
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

/** Contents of a file in the folder, valid until the next call; "" if there is no such file. */
static const char *contents_of(const char *name)
{
    static char text[4096];
    FILE *file = fopen(in_folder(name), "r");
    text[0] = '\0';
    if (file == NULL) return text;
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void wait_for(const char *name)
{
    for (int tries = 0; contents_of(name)[0] == '\0'; tries++) {
        cr_assert_lt(tries, 1000, "no %s", name);
        usleep(10000);
    }
}

/** Start a task whose digico runs until a signal, saves for 0.3 s, then exits with `code`. */
static pid_t start_task_that_exits(int code, const char *restarts)
{
    char text[512];
    snprintf(text, sizeof text,
             "cd '%s'; end() { trap '' USR1 TERM; echo $1 >>got; sleep 0.3; exit %d; }\n"
             "trap 'end USR1' USR1; trap 'end TERM' TERM\n"
             "echo yes >ready; while :; do sleep 0.01; done",
             folder, code);
    job.program = write_program("digico", text);
    job.directory = folder;
    cr_assert_eq(mkdir(in_folder("slurm"), 0700), 0);
    snprintf(text, sizeof text, "echo \"$@\" >>'%s/scontrol.called'", folder);
    write_program("scontrol", text);
    const pid_t child = start_task(restarts);
    wait_for("ready");
    return child;
}

Test(slurm, usr1_reaches_digico_and_the_task_goes_back_to_the_queue)
{
    const pid_t child = start_task_that_exits(3, NULL);
    kill(child, SIGUSR1);
    cr_assert_eq(end_task(child), 0, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("got"), "USR1\n");
    cr_assert_str_eq(contents_of("scontrol.called"), "requeue 7_2\n");
}

Test(slurm, term_reaches_digico_and_the_task_is_not_requeued)
{
    const pid_t child = start_task_that_exits(3, NULL);
    kill(child, SIGTERM);
    cr_assert_eq(end_task(child), 3, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("got"), "TERM\n");
    cr_assert_str_eq(contents_of("scontrol.called"), "");
}

Test(slurm, a_shard_that_finishes_after_the_signal_is_not_requeued)
{
    const pid_t child = start_task_that_exits(0, NULL);
    kill(child, SIGUSR1);
    cr_assert_eq(end_task(child), 0, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("scontrol.called"), "");
}

Test(slurm, a_shard_that_fails_is_not_requeued)
{
    const pid_t child = start_task_that_exits(1, NULL);
    kill(child, SIGUSR1);
    cr_assert_eq(end_task(child), 1, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("scontrol.called"), "");
    assert_has(contents_of("log"), "failed with exit code 1");
}

Test(slurm, a_shard_is_not_requeued_for_ever)
{
    const pid_t child = start_task_that_exits(3, "100");
    kill(child, SIGUSR1);
    cr_assert_eq(end_task(child), 3, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("scontrol.called"), "");
    assert_has(contents_of("log"), "restart 100 is the limit (--max-requeue)");
}

/** digico receives the first signal, and the script waits until digico has ended. */
Test(slurm, many_signals_do_not_confuse_the_script)
{
    const pid_t child = start_task_that_exits(3, NULL);
    for (int i = 0; i < 50; i++) {
        kill(child, i % 2 ? SIGUSR1 : SIGTERM);
        usleep(100);
    }
    cr_assert_eq(end_task(child), 3, "%s", contents_of("log"));
}

Test(slurm, a_signal_before_digico_handles_signals_also_stops)
{
    start_task_that_exits(3, NULL);
    job.program = write_program("no_handler", "exec sleep 60");
    const pid_t child = start_task(NULL);
    wait_for("log"); /* the line before digico starts */
    usleep(200000);
    kill(child, SIGUSR1);
    cr_assert_eq(end_task(child), 0, "%s", contents_of("log"));
    cr_assert_str_eq(contents_of("scontrol.called"), "requeue 7_2\n");
}

Test(slurm, arguments_reach_digico_unchanged)
{
    const char *const set[] = {"name='it is'", "seed=[1, 2]", "a=$HOME `b` \\ \" !", "two\nlines"};
    char odd[128], text[512];
    snprintf(odd, sizeof odd, "%s/it's 50%% \"so\" $HOME", folder);
    cr_assert_eq(mkdir(odd, 0700), 0);
    snprintf(text, sizeof text, "%s/slurm", odd);
    cr_assert_eq(mkdir(text, 0700), 0);
    snprintf(text, sizeof text, "printf '<%%s>\\n' \"$@\" >'%s/words'; pwd >'%s/where'", folder,
             folder);
    job.program = write_program("it's digico", text);
    job.directory = odd;
    job.file = "-an odd' name.yaml";
    job.mixed_builds = true;
    job.set = set;
    job.sets = 4;
    cr_assert_eq(end_task(start_task(NULL)), 0, "%s", contents_of("log"));
    char *copy = dg_slurm_copy(&job);
    snprintf(text, sizeof text,
             "<run>\n<--output>\n<%s>\n<--shard>\n<2/4>\n<--device>\n<cpu>\n<--threads>\n<3>\n"
             "<--mixed-builds>\n<--set>\n<%s>\n<--set>\n<%s>\n<--set>\n<%s>\n<--set>\n<%s>\n<-->\n"
             "<%s>\n",
             odd, set[0], set[1], set[2], set[3], copy);
    cr_assert_str_eq(contents_of("words"), text);
    assert_has(contents_of("where"), "$HOME/slurm");
    free(copy);
}

/* ---- the script of the merge job, with a fake program for digico ----------------------------- */

static void put(const char *name, const char *text)
{
    FILE *file = fopen(in_folder(name), "w");
    cr_assert_not_null(file);
    cr_assert(fputs(text, file) >= 0);
    cr_assert_eq(fclose(file), 0);
}

/** Run the merge job with a digico whose tables are this text; returns its exit code. */
static int merge_makes(const char *table)
{
    char text[512];
    put("table", table);
    snprintf(text, sizeof text, "test $1 != summary || cat '%s/table'", folder);
    job.program = write_program("digico", text);
    job.directory = folder;
    put("merge", merge_script());
    (void)mkdir(in_folder("slurm"), 0700);
    snprintf(text, sizeof text, "/bin/bash %s/merge >>%s/log", folder, folder);
    const int state = system(text);
    return WIFEXITED(state) ? WEXITSTATUS(state) : -1;
}

Test(slurm, merge_replaces_its_own_tables)
{
    cr_assert_eq(merge_makes("one\n"), 0);
    cr_assert_str_eq(contents_of("summary.txt"), "one\n");
    cr_assert_str_eq(contents_of("summary.csv"), "one\n");
    cr_assert_eq(merge_makes("two\n"), 0);
    cr_assert_str_eq(contents_of("summary.txt"), "two\n");
    cr_assert_str_eq(contents_of("summary.csv"), "two\n");
    cr_assert_neq(access(in_folder("summary.txt.replaced"), F_OK), 0);
}

Test(slurm, merge_keeps_tables_of_the_user)
{
    put("summary.txt", "my notes\n");
    put("summary.csv.replaced", "older\n");
    cr_assert_eq(symlink("nowhere", in_folder("summary.csv")), 0);
    cr_assert_eq(merge_makes("one\n"), 0);
    cr_assert_str_eq(contents_of("summary.txt"), "one\n");
    cr_assert_str_eq(contents_of("summary.csv"), "one\n");
    cr_assert_str_eq(contents_of("summary.txt.replaced"), "my notes\n");
    cr_assert_str_eq(contents_of("summary.csv.replaced"), "older\n");
    char target[16] = "";
    cr_assert_eq(readlink(in_folder("summary.csv.replaced-2"), target, sizeof target - 1), 7);
    put("summary.txt", "edited\n");
    cr_assert_eq(merge_makes("two\n"), 0);
    cr_assert_str_eq(contents_of("summary.txt"), "two\n");
    cr_assert_str_eq(contents_of("summary.txt.replaced"), "my notes\n");
    cr_assert_str_eq(contents_of("summary.txt.replaced-2"), "edited\n");
}

/* ---- files and sbatch ------------------------------------------------------------------------ */

Test(slurm, writes_executable_scripts_and_a_copy_of_the_configuration)
{
    char out[128], copy[256];
    struct stat info;
    snprintf(out, sizeof out, "%s/new/out", folder);
    job.directory = out;
    OK(dg_slurm_write(&job));
    OK(dg_slurm_write(&job));
    cr_assert_eq(stat(in_folder("new/out/slurm/array.sh"), &info), 0);
    cr_assert(info.st_mode & S_IXUSR);
    cr_assert_eq(stat(in_folder("new/out/slurm/merge.sh"), &info), 0);
    char *name = dg_slurm_copy(&job);
    snprintf(copy, sizeof copy, "new/out/slurm/%s", name);
    cr_assert_str_eq(contents_of(copy), job.text);
    free(name);
}

Test(slurm, reports_why_it_cannot_write)
{
    job.directory = "/dev/null/out";
    cr_assert_eq(dg_slurm_write(&job), DG_ERR_IO);
    assert_has(dg_error(), "/dev/null");
}

Test(slurm, refuses_to_replace_a_script_that_digico_did_not_write)
{
    job.directory = folder;
    OK(dg_slurm_check_scripts(&job));
    OK(dg_slurm_write(&job));
    OK(dg_slurm_check_scripts(&job));
    put("slurm/merge.sh", "#!/bin/sh\necho mine\n");
    cr_assert_eq(dg_slurm_check_scripts(&job), DG_ERR_ARGUMENT);
    assert_has(dg_error(), "/slurm/merge.sh: not written by digico submit");
    cr_assert_eq(unlink(in_folder("slurm/merge.sh")), 0);
    OK(dg_slurm_check_scripts(&job));
    cr_assert_eq(unlink(in_folder("slurm/array.sh")), 0);
    cr_assert_eq(mkfifo(in_folder("slurm/array.sh"), 0600), 0);
    cr_assert_eq(dg_slurm_check_scripts(&job), DG_ERR_ARGUMENT);
}

/** Submit merge.sh, to run after job 12, to a fake sbatch. */
static dg_status submit_to(const char *sbatch, dg_slurm_submitted *got)
{
    job.directory = folder;
    OK(dg_slurm_write(&job));
    write_program("sbatch", sbatch);
    setenv("PATH", folder, 1);
    return dg_slurm_submit(got, &job, DG_SLURM_MERGE, "12");
}

Test(slurm, reads_the_number_of_a_job_and_the_messages_of_sbatch)
{
    dg_slurm_submitted got;
    OK(submit_to("echo \"$PWD: $@\" >../words; echo 'sbatch: mind the gap' >&2; echo '123;cluster'",
                 &got));
    cr_assert_str_eq(got.id, "123");
    cr_assert_str_eq(got.remark, "mind the gap");
    assert_has(contents_of("words"), "/slurm: --parsable --kill-on-invalid-dep=yes "
                                     "--dependency=afterok:12 merge.sh\n");
}

Test(slurm, a_refusal_has_the_messages_of_sbatch_in_one_line)
{
    dg_slurm_submitted got;
    cr_assert_eq(submit_to("echo 'sbatch: error: no such account' >&2\n"
                           "echo 'sbatch: error: Batch job submission failed' >&2; exit 1",
                           &got),
                 DG_ERR_IO);
    cr_assert_str_eq(dg_error(), "sbatch refused merge.sh: no such account; Batch job submission "
                                 "failed");
    cr_assert_str_eq(got.id, "");
}

Test(slurm, an_answer_without_a_number_is_a_refusal)
{
    dg_slurm_submitted got;
    cr_assert_eq(submit_to("echo Submitted", &got), DG_ERR_IO);
    cr_assert_str_eq(dg_error(), "sbatch refused merge.sh: Submitted");
    cr_assert_eq(submit_to("exit 3", &got), DG_ERR_IO);
    assert_has(dg_error(), "it gave no reason");
}

/** Slurm may have taken the job before: what is not known is not called a refusal. */
Test(slurm, says_which_signal_has_killed_sbatch)
{
    dg_slurm_submitted got;
    cr_assert_eq(submit_to("kill -KILL $$", &got), DG_ERR_IO);
    cr_assert_str_eq(dg_error(),
                     "sbatch was killed by signal 9 (Killed) while it submitted merge.sh: "
                     "squeue shows whether the job is queued");
    cr_assert(got.killed);
    cr_assert_eq(submit_to("exit 1", &got), DG_ERR_IO);
    cr_assert_not(got.killed);
}

Test(slurm, reports_that_there_is_no_sbatch)
{
    dg_slurm_submitted got;
    job.directory = folder;
    OK(dg_slurm_write(&job));
    setenv("PATH", "/nonexistent", 1);
    cr_assert_eq(dg_slurm_submit(&got, &job, DG_SLURM_ARRAY, NULL), DG_ERR_UNSUPPORTED);
    assert_has(dg_error(), "login node");
}
